"""Colours with enough contrast, themes by name, labels on one line."""

import pytest

from autograd.view.style import LONGEST_LABEL, THEMES, Theme, blend, printable, shade, theme_named


def contrast(one, other):
    """The ratio of WCAG 2.1, section 1.4.3."""

    def luminance(colour):
        parts = [c / 255 / 12.92 if c / 255 <= 0.03928 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    light, dark = sorted((luminance(bytes.fromhex(c[1:])) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_colour_it_stands_on(theme):
    colours: Theme = THEMES[theme]
    grounds = [colours.page, colours.leaf, colours.operation, colours.constant, colours.lit]
    grounds += [shade(colours, colours.operation, g, 1.0) for g in (-1.0, -0.5, 0.5, 1.0)]
    assert min(contrast(colours.ink, ground) for ground in grounds) >= 4.5
    assert min(contrast(colours.muted, colours.page), contrast(colours.alarm, colours.page)) >= 4.5


def test_an_unknown_theme_is_an_error_that_names_the_others():
    with pytest.raises(ValueError, match="unknown theme 'blue'; expected one of 'light', 'dark', 'print'"):
        theme_named("blue")


def test_the_shade_grows_with_the_gradient_and_shows_its_sign():
    light = theme_named("light")
    assert shade(light, light.leaf, 0.0, 1.0) == light.leaf
    assert shade(light, light.leaf, 2.0, 2.0) == light.positive
    assert shade(light, light.leaf, -2.0, 2.0) == light.negative
    assert shade(light, light.leaf, 1.0, 2.0) == blend(light.operation, light.positive, 0.5)
    assert shade(light, light.leaf, float("nan"), 2.0) == light.leaf


def test_a_label_is_one_line_of_limited_length():
    assert printable("one\ntwo\x07") == "one two"
    assert printable("x" * 100) == "x" * (LONGEST_LABEL - 1) + "…"
