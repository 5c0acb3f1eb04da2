"""How large a share of each group came how far, as bars: drawn here, so that no script is needed to see it."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

import vl_convert

from services.ats.equality.fairness import FOUR_FIFTHS
from services.ats.equality.rules import FunnelStage
from services.ats.equality.schemas import CharacteristicFigures

LABELS = {
    FunnelStage.APPLIED: "Applied",
    FunnelStage.SHORTLISTED: "Shortlisted",
    FunnelStage.INTERVIEWED: "Interviewed",
    FunnelStage.OFFERED: "Offered",
    FunnelStage.HIRED: "Hired",
}
COLOUR = "#1f4e79"
LIMIT_COLOUR = "#a33b00"
PNG_SCALE = 2
TITLE_LETTERS = 70
LABEL_PIXELS = 380


def shares(figures: CharacteristicFigures) -> list[dict[str, str | float]]:
    """What the chart shows: a hidden share is left out, never drawn as nothing."""
    return [
        {"group": group.label, "stage": LABELS[figure.stage], "share": float(figure.rate)}
        for group in figures.groups
        for figure in group.stages
        if figure.rate is not None and figure.stage is not FunnelStage.APPLIED
    ]


def funnel_svg(figures: CharacteristicFigures, title: str) -> str:
    return vl_convert.vegalite_to_svg(_drawing(figures, title))


def funnel_png(figures: CharacteristicFigures, title: str) -> bytes:
    return vl_convert.vegalite_to_png(_drawing(figures, title), scale=PNG_SCALE)


def ratios(figures: CharacteristicFigures) -> list[dict[str, str | float]]:
    """Each group's ratio at each stage, with its interval. The group with the highest rate is at 1, and not drawn."""
    return [
        {
            "group": group.label,
            "stage": LABELS[each.stage],
            "ratio": float(group.ratio),
            "low": float(group.interval[0]),
            "high": float(group.interval[1]),
        }
        for each in figures.fairness
        for group in each.groups
        if group.ratio is not None and group.interval is not None
    ]


def ratios_svg(figures: CharacteristicFigures, title: str) -> str:
    return vl_convert.vegalite_to_svg(_ratios_drawing(figures, title))


def ratios_png(figures: CharacteristicFigures, title: str) -> bytes:
    return vl_convert.vegalite_to_png(_ratios_drawing(figures, title), scale=PNG_SCALE)


def _ratios_drawing(figures: CharacteristicFigures, title: str) -> dict[str, Any]:
    """In the words of Vega-Lite: a point and its interval for each, beside the line of four fifths."""
    x = {"field": "ratio", "type": "quantitative", "title": "Ratio to the highest rate", "scale": {"domainMin": 0}}
    y = {"field": "group", "type": "nominal", "title": None, "axis": {"labelLimit": LABEL_PIXELS}}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": wrap(title, TITLE_LETTERS),
        "description": title,
        "data": {"values": ratios(figures)},
        "facet": {
            "row": {
                "field": "stage",
                "type": "nominal",
                "title": None,
                "sort": [label for stage, label in LABELS.items() if stage is not FunnelStage.APPLIED],
                "header": {"labelAnchor": "start", "labelAngle": 0, "labelOrient": "top"},
            }
        },
        "spec": {
            "width": 360,
            "layer": [
                {
                    "mark": {"type": "rule", "color": LIMIT_COLOUR, "strokeDash": [6, 4]},
                    "encoding": {"x": {"datum": FOUR_FIFTHS}},
                },
                {
                    "mark": {"type": "rule", "color": COLOUR, "size": 2},
                    "encoding": {"y": y, "x": x | {"field": "low"}, "x2": {"field": "high"}},
                },
                {"mark": {"type": "point", "filled": True, "size": 90, "color": COLOUR}, "encoding": {"y": y, "x": x}},
            ],
        },
    }


def _drawing(figures: CharacteristicFigures, title: str) -> dict[str, Any]:
    """In the words of Vega-Lite."""
    stages = [label for stage, label in LABELS.items() if stage is not FunnelStage.APPLIED]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": wrap(title, TITLE_LETTERS),
        "description": title,
        "data": {"values": shares(figures)},
        "mark": {"type": "bar", "color": COLOUR},
        "width": 360,
        "encoding": {
            "x": {
                "field": "share",
                "type": "quantitative",
                "title": "Share of who applied",
                "axis": {"format": "%"},
                "scale": {"domain": [0, 1]},
            },
            "y": {
                "field": "group",
                "type": "nominal",
                "title": None,
                "sort": [each.label for each in figures.groups],
                "axis": {"labelLimit": LABEL_PIXELS},
            },
            "row": {
                "field": "stage",
                "type": "nominal",
                "title": None,
                "sort": stages,
                "header": {"labelAnchor": "start", "labelAngle": 0, "labelOrient": "top"},
            },
        },
    }
