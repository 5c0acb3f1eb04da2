"""How large a share of each group came how far, as bars: drawn here, so that no script is needed to see it."""

from __future__ import annotations

from typing import Any

import vl_convert

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
PNG_SCALE = 2


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


def _drawing(figures: CharacteristicFigures, title: str) -> dict[str, Any]:
    """In the words of Vega-Lite."""
    stages = [label for stage, label in LABELS.items() if stage is not FunnelStage.APPLIED]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": title,
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
                "axis": {"labelLimit": 260},
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
