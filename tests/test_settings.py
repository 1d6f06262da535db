"""Settings: every one documented, every mistake a sentence that names the place."""

from pathlib import Path

import pytest

from patrol_anpr.commands.loading import Origin, load_settings
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.settings import Section, Settings


def sections() -> list[type[Section]]:
    def walk(base: type[Section]) -> list[type[Section]]:
        return [found for sub in base.__subclasses__() for found in (sub, *walk(sub))]

    return [section for section in walk(Section) if section is not Settings]


@pytest.mark.parametrize("section", sections(), ids=lambda section: section.__name__)
def test_every_setting_has_help_and_a_default_and_every_number_a_range(section: type[Section]) -> None:
    for name, field in section.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert not field.is_required(), name
        if field.annotation in (int, float):
            assert field.metadata, f"{name} has no range"


def test_the_defaults_are_valid() -> None:
    assert load_settings(environment={}, file=None).settings.reading.threads == 1


def test_each_source_beats_the_one_before_and_is_told(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[depot]\ncar = "FROM-FILE"\nurl = "https://depot.example"\n[reading]\nthreads = 2\n')
    loaded = load_settings(file, {"reading.threads": 3}, {"PATROL_ANPR__DEPOT__CAR": "FROM-ENV"})
    assert (loaded.settings.depot.car, loaded.settings.reading.threads) == ("FROM-ENV", 3)
    origins = {row.name: origin for row, origin in loaded.shown()}
    assert origins["depot.car"] is Origin.ENVIRONMENT
    assert origins["depot.url"] is Origin.FILE
    assert origins["reading.threads"] is Origin.OPTION
    assert origins["log.level"] is Origin.DEFAULT


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[reading]\nthreads = 99\n", "'reading.threads'"),
        ("[reading]\nthread = 1\n", "There is no setting 'reading.thread'"),
        ("[reading\n", "not valid TOML"),
        ('[[cameras]]\nname = "x/y"\n', "'cameras[0].name'"),
        ("cameras = 3\n", "'cameras'"),
        ("[nonsense]\na = 1\n", "There is no setting 'nonsense'"),
        ('[depot]\nurl = "ftp://x"\n', "'depot.url'"),
    ],
)
def test_a_mistake_is_a_sentence_that_names_the_file_and_the_setting(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(content)
    with pytest.raises(BadInput) as raised:
        load_settings(file, environment={})
    assert said in str(raised.value)
    assert str(file) in str(raised.value)


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no settings file"):
        load_settings(tmp_path / "none.toml", environment={})


@pytest.mark.parametrize(
    ("toml", "named", "kept"),
    [
        (
            "[reading]\nthreads = 99\ninput_size = 320\n",
            "reading.threads",
            {"reading.threads": 1, "reading.input_size": 320},
        ),
        ("[reading]\nthreads = 'many'\n", "reading.threads", {"reading.threads": 1}),
        ("[nonsense]\nx = 1\n[depot]\ncar = 'T1'\n", "nonsense", {"depot.car": "T1"}),
        ("reading = 5\n[depot]\ncar = 'T1'\n", "reading", {"reading.threads": 1, "depot.car": "T1"}),
        ("[depot]\nurl = 'ftp://x'\ncar = 'T1'\n", "depot.url", {"depot.url": "", "depot.car": "T1"}),
        (
            "[vehicle]\ngps = 'usb'\ndisk_red_percent = 5\n",
            "vehicle.gps",
            {"vehicle.gps": "", "vehicle.disk_red_percent": 97},
        ),
    ],
)
def test_a_forgiving_load_takes_the_default_for_what_cannot_be_used_and_says_so(
    tmp_path: Path, toml: str, named: str, kept: dict[str, object]
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(toml)
    loaded = load_settings(file, environment={}, forgiving=True)
    assert f"'{named}" in loaded.faults[0]
    for name, value in kept.items():
        section, field = name.split(".")
        assert getattr(getattr(loaded.settings, section), field) == value
    with pytest.raises(BadInput):
        load_settings(file, environment={})


def test_a_forgiving_load_leaves_a_camera_out_that_cannot_be(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        "[[cameras]]\nname = 'front'\n[[cameras]]\nname = 'rear'\nfps = -1\nwidth = 1\n[[cameras]]\nname = 'left'\n"
    )
    loaded = load_settings(file, environment={}, forgiving=True)
    assert [camera.name for camera in loaded.settings.cameras] == ["front", "left"]
    assert len(loaded.faults) == 1


def test_a_forgiving_load_of_the_environment_and_never_of_options() -> None:
    loaded = load_settings(environment={"PATROL_ANPR__READING__THREADS": "x"}, forgiving=True)
    assert "PATROL_ANPR__READING__THREADS" in loaded.faults[0]
    with pytest.raises(BadInput):
        load_settings(None, {"reading.threads": "x"}, {}, forgiving=True)
    with pytest.raises(BadInput):
        load_settings(None, {"cameras": [{"name": "front", "fps": -1}]}, {}, forgiving=True)


def test_a_section_that_is_a_value_is_told_whatever_else_names_it(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("reading = 5\n")
    with pytest.raises(BadInput, match="'reading' is a section"):
        load_settings(file, {"reading.threads": 2}, {})


@pytest.mark.parametrize("section", ["records", "hotlists", "log"])
@pytest.mark.parametrize(
    ("text", "said"), [("", "empty"), ("  ", "empty"), ("a\0b", "character"), ("a\rb", "character")]
)
def test_a_text_that_names_no_folder_is_refused(section: str, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=f"'{section}.folder' from the environment .* {said}"):
        load_settings(environment={f"PATROL_ANPR__{section.upper()}__FOLDER": text})


def test_a_tilde_is_the_home_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    environment = {"PATROL_ANPR__RECORDS__FOLDER": "~/records", "PATROL_ANPR__DEPOT__CA_FILE": "~/ca.pem"}
    loaded = load_settings(environment=environment).settings
    assert loaded.records.folder == tmp_path / "records"
    assert Path(loaded.depot.ca_file) == tmp_path / "ca.pem"
    with pytest.raises(BadInput, match="no such user"):
        load_settings(environment={"PATROL_ANPR__LOG__FOLDER": "~nobody-of-that-name/log"})


@pytest.mark.parametrize("forgiving", [True, False])
def test_an_authority_that_cannot_vouch_is_told_when_the_settings_are_read(tmp_path: Path, forgiving: bool) -> None:
    environment = {"PATROL_ANPR__DEPOT__CA_FILE": str(tmp_path / "absent.pem")}
    loaded = load_settings(environment=environment, forgiving=forgiving)
    assert len(loaded.faults) == 1
    assert "absent.pem" in loaded.faults[0]
    assert load_settings(environment={}).faults == ()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DEPOT__URL", "depot.example:8443", "give an address such as https://depot.example:8443"),
        ("DEPOT__CAR", "TA 14", "give 1 to 16 letters, digits and -"),
        ("VEHICLE__GPS", "COM3", "serial:COM3"),
        ("VEHICLE__GPS_BAUD", "fast", "give a whole number"),
    ],
)
def test_what_a_setting_wants_is_said_in_words(name: str, value: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        load_settings(environment={f"PATROL_ANPR__{name}": value})


@pytest.mark.parametrize("section", sections(), ids=lambda section: section.__name__)
def test_a_setting_with_a_pattern_says_in_words_what_it_wants(section: type[Section]) -> None:
    for field in section.model_fields.values():
        if any(getattr(one, "pattern", None) for one in field.metadata):
            assert isinstance(field.json_schema_extra, dict)
            assert field.json_schema_extra["form"]


def test_one_camera_written_as_a_section_is_told_how_to_write_it(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[cameras]\nname = 'front'\n")
    with pytest.raises(BadInput, match=r"write \[\[cameras\]\]"):
        load_settings(file, environment={})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('reading = "x"', "write [reading] above its lines."),
        ("cameras = [1]", "write [[cameras]], once for each camera."),
        ("[reading]\nthreads = 99", "give at most 16."),
        ("[hotlists]\namber_after_hours = 0", "give more than 0."),
        ("[records]\nkeep_days = 1.5", "give a whole number."),
        ("[[cameras]]\nrotate = 45", "give 0, 90, 180 or 270."),
    ],
)
def test_a_fault_says_what_to_give_instead(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(content)
    with pytest.raises(BadInput) as raised:
        load_settings(file, environment={})
    assert str(raised.value).endswith(f"cannot be used: {said}")


@pytest.mark.parametrize("value", [{"a": 1}, "x", "\n", -1e9, 1e9, 1.5, []])
@pytest.mark.parametrize("section", sections(), ids=lambda section: section.__name__)
def test_no_fault_is_told_in_the_words_of_pydantic(section: type[Section], value: object) -> None:
    [name] = [name for name, field in Settings.model_fields.items() if section.__name__ in str(field.annotation)]
    for setting in section.model_fields:
        options: dict[str, object] = (
            {"cameras": [{setting: value}]} if name == "cameras" else {f"{name}.{setting}": value}
        )
        try:
            load_settings(options=options, environment={})
        except BadInput as error:
            said = str(error)
        else:
            said = ""
        assert not any(word in said for word in ("Input", "instance", "valid ", "class", "pattern"))


def test_the_password_of_a_camera_is_not_shown() -> None:
    loaded = load_settings(options={"cameras": [{"source": "rtsp://user:p%40ss@192.0.2.10/a@b"}]}, environment={})
    [shown] = [row.value for row, _ in loaded.shown() if row.name == "cameras[0].source"]
    assert shown == "rtsp://***@192.0.2.10/a@b"


def test_the_safest_settings_keep_what_makes_it_this_car_and_nothing_else_of_the_file(tmp_path: Path) -> None:
    folders = {name: {"folder": str(tmp_path / name)} for name in ("records", "hotlists", "log")}
    camera = {
        "name": "front",
        "source": "rtsp://192.0.2.10/1",
        "mirror": True,
        "rotate": 180,
        "width": 7680,
        "fps": 240,
    }
    reading = {"detector": "own.onnx", "provider": "cuda", "threads": 16, "input_size": 1920, "detector_form": "int8"}
    rest = {"reading": reading, "vehicle": {"gps": "gpsd"}, "screen": {"language": "cy", "full_screen": False}}
    depot = {"url": "https://depot.example", "car": "TA14", "ca_file": "ca.pem"}
    settings = Settings.model_validate(folders | rest | {"cameras": [camera], "depot": depot})
    safe, usual = settings.safest(), Settings()
    assert (safe.depot, safe.records.folder, safe.hotlists) == (settings.depot, tmp_path / "records", settings.hotlists)
    [one] = safe.cameras
    assert (one.name, one.source, one.mirror, one.rotate) == ("front", "rtsp://192.0.2.10/1", True, 180)
    assert (one.width, one.fps) == (1280, 30)
    assert safe.reading == usual.reading.model_copy(update={"detector_form": "fp32", "depot_models": False})
    assert (safe.vehicle, safe.screen.language, safe.screen.full_screen) == (usual.vehicle, "cy", True)
    assert safe.safest() == safe
