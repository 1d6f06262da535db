"""Contrast, tier shapes, the font."""

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontInfo, QImage, QPainter
from PySide6.QtWidgets import QApplication

from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hotlist import Tier
from ui import theme
from ui.theme import DAY, HIGH_CONTRAST, NIGHT, Tokens
from ui.widgets.shapes import paint_lamp, paint_tier, tier_path


def luminance(colour: str) -> float:
    """WCAG 2 relative luminance of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("tokens", [NIGHT, DAY, HIGH_CONTRAST], ids=lambda t: t.name)
def test_primary_text_has_seven_to_one(tokens: Tokens) -> None:
    for ground in (tokens.background, tokens.bar, tokens.surface, tokens.raised, tokens.chosen):
        assert contrast(tokens.text, ground) >= 7
    pairs = [
        (tokens.confirm, tokens.on_confirm),
        (tokens.alarm, tokens.on_alarm),
        (tokens.check_fill, tokens.check),
        (tokens.scrim, tokens.on_scrim),
        (tokens.plate_ink, tokens.plate_yellow),
        (tokens.plate_ink, tokens.plate_white),
        (tokens.plate_ink, tokens.plate_unknown),
        *((look.fill, look.on_fill) for look in tokens.tiers),
    ]
    for one, other in pairs:
        assert contrast(one, other) >= 7, (one, other)


@pytest.mark.parametrize("tokens", [NIGHT, DAY, HIGH_CONTRAST], ids=lambda t: t.name)
def test_the_rest_has_four_and_a_half_to_one(tokens: Tokens) -> None:
    inks = (tokens.muted, tokens.accent, tokens.good, tokens.warn, tokens.bad, tokens.unknown, tokens.check)
    for ground in (tokens.background, tokens.bar, tokens.surface, tokens.raised):
        for ink in (*inks, *(look.ink for look in tokens.tiers)):
            assert contrast(ink, ground) >= 4.5, (ink, ground)


def test_night_has_no_text_brighter_than_85_percent_white() -> None:
    assert max(int(NIGHT.text[i : i + 2], 16) for i in (1, 3, 5)) <= round(0.85 * 255) + 1


def test_day_has_no_pure_white_field() -> None:
    assert "#ffffff" not in (DAY.background, DAY.bar, DAY.surface, DAY.raised)


def test_the_shipped_font_is_used_and_its_figures_have_one_width(app: QApplication) -> None:
    from PySide6.QtGui import QFontMetricsF

    assert QFontInfo(theme.font(theme.BODY)).family() == "B612"
    for bold in (False, True):
        metrics = QFontMetricsF(theme.font(theme.BODY, bold=bold))
        assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1


def test_nothing_is_smaller_than_the_caption() -> None:
    assert min(theme.VRM, theme.TITLE, theme.BODY, theme.CAPTION) == theme.CAPTION == 16


def test_every_tier_has_a_shape_of_its_own() -> None:
    box = QRectF(0, 0, 100, 100)
    corners = {tier: tier_path(tier, box).elementCount() for tier in Tier}
    assert len(set(corners.values())) == 4
    # octagon 8 corners, triangle 3, square 4, each closed by one more element
    assert corners[Tier.IMMEDIATE] > corners[Tier.SILENT] > corners[Tier.PRIORITY]


def _drawn(paint: object, *what: object, **how: object) -> QImage:
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        paint(painter, QRectF(8, 8, 48, 48), *what, **how)  # type: ignore[operator]
    return image


def test_lamps_differ_in_shape_not_only_in_colour(app: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tokens, "lamp", lambda _self, _state: "#ffffff")
    drawn = [_drawn(paint_lamp, state) for state in LampState]
    for place, one in enumerate(drawn):
        assert all(one != other for other in drawn[place + 1 :])


def test_tiers_differ_in_shape_not_only_in_colour(app: QApplication) -> None:
    drawn = [_drawn(paint_tier, tier, "#ffffff") for tier in Tier]
    drawn += [_drawn(paint_tier, tier, "#ffffff", hollow=True) for tier in Tier]
    for place, one in enumerate(drawn):
        assert all(one != other for other in drawn[place + 1 :])
