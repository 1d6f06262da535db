"""Import this before ultralytics where a CPU build of torch stands beside a torchvision wheel that does not match it.

Such a wheel's C++ operators cannot load, so `import torchvision` fails on the missing nms. Plate detection needs that
one operator alone: it is registered here with ultralytics' own version in plain torch. A matching pair needs none of
this, and then nothing is changed.
"""

import torch
from torch import Tensor

import patrol_anpr  # noqa: F401 - before ultralytics: it switches telemetry off

_kept = []  # a library's registrations live as long as it does


def _non_maximum(dets: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    from ultralytics.utils.nms import TorchNMS

    return TorchNMS.nms(dets, scores, iou_threshold)


def stand_in() -> bool:
    """Register the operator where torchvision has none that loads; return whether that was needed."""
    try:
        import torchvision
    except RuntimeError:  # "operator torchvision::nms does not exist"
        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.impl("nms", _non_maximum, "CompositeExplicitAutograd")
        _kept.append(library)
        import torchvision.extension

        torchvision.extension._has_ops = lambda: True
        return True
    return False


stand_in()
