"""onnxruntime sessions with a fixed number of threads on a chosen provider."""

from pathlib import Path
from typing import Any

from patrol_anpr.domain.errors import BadInput, ModelRefused

_PROVIDERS = {
    "cpu": ("CPUExecutionProvider", "onnxruntime"),
    "openvino": ("OpenVINOExecutionProvider", "onnxruntime-openvino"),
    "directml": ("DmlExecutionProvider", "onnxruntime-directml"),
    "cuda": ("CUDAExecutionProvider", "onnxruntime-gpu"),
}


def providers(provider: str, threads: int) -> list[tuple[str, dict[str, str]]]:
    """Return onnxruntime's provider list for the setting `provider`: "cpu", "openvino", "directml" or "cuda".

    Raises:
        BadInput: there is no such provider, or this machine's onnxruntime was built without it.
    """
    import onnxruntime

    if provider not in _PROVIDERS:
        raise BadInput(f'There is no provider "{provider}". Choose one of: {", ".join(_PROVIDERS)}.')
    name, package = _PROVIDERS[provider]
    if name not in onnxruntime.get_available_providers():
        raise BadInput(
            f'The provider "{provider}" is not installed on this machine. '
            f'Install the package {package} in place of onnxruntime, or choose the provider "cpu".'
        )
    options = {"num_of_threads": str(threads), "device_type": "CPU"} if provider == "openvino" else {}
    return [(name, options)]


def session_options(threads: int) -> Any:
    """Return session options with `threads` threads that sleep while they wait (spinning tripled the CPU per frame)."""
    import onnxruntime

    if threads < 1:
        raise BadInput(f"The number of inference threads must be at least 1, not {threads}.")
    onnxruntime.disable_telemetry_events()  # Windows' tracing; patrol_anpr/__init__.py stops what goes to the network
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def open_session(path: Path, provider: str, threads: int) -> Any:
    """Open the ONNX model at `path`.

    Raises:
        BadInput: the provider is not there.
        ModelRefused: the file is missing or is no model that onnxruntime can load, or the provider cannot run it.
    """
    import onnxruntime

    chosen, options = providers(provider, threads), session_options(threads)
    if not path.is_file():
        raise ModelRefused(f"The model {path.name} is missing. Install Patrol ANPR again, or correct the settings.")
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=chosen)
    except Exception as error:  # onnxruntime's errors have no other class in common
        raise ModelRefused(f"The model {path.name} cannot be loaded: it is damaged or not an ONNX model.") from error
    if session.get_providers()[0] != chosen[0][0]:
        raise ModelRefused(
            f'The provider "{provider}" cannot run {path.name} on this machine. Choose the provider "cpu".'
        )
    return session
