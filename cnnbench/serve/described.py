"""What goes in and comes out, as the OpenAPI document tells it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cnnbench.serve.received import FIELD, FORM, JSON


class Said(BaseModel):
    """What the model says of one image."""

    model_config = ConfigDict(extra="forbid")

    file: str | None = Field(None, description="The name that the file was sent with.")
    predicted: str = Field(description="The class.")
    probability: float | None = Field(None, description="Its probability, of a model that gives any.")
    probabilities: dict[str, float] | None = Field(None, description="Those of all classes, from the largest on.")


class Predictions(BaseModel):
    """What the model says of the images, in their order."""

    model: str
    predictions: list[Said]


class Health(BaseModel):
    """That the server answers, and what it serves."""

    status: str
    model: str
    classes: list[str]
    input_shape: list[int] = Field(description="Height, width and channels that images are brought to.")
    probabilities: bool = Field(description="Whether the model gives any.")
    token: bool = Field(description="Whether predictions need a token.")


class Problem(BaseModel):
    """Why there is no answer."""

    detail: str = Field(description="One line.")
    problems: list[str] = Field([], description="A line for every image that cannot be read.")


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what the document says of these statuses."""
    return {status: {"model": Problem, "description": REASONS[status]} for status in statuses}


REASONS = {
    401: "the token is missing or wrong",
    408: "the body took too long to arrive",
    413: "too many bytes, images or pixels",
    415: "neither a form nor JSON",
    422: "no image, or one that cannot be read",
    429: "too many requests under way",
}


def _images(encoding: str) -> dict[str, Any]:
    images = {"type": "array", "minItems": 1, "items": {"type": "string", "format": encoding}}
    return {
        "schema": {"type": "object", "required": [FIELD], "additionalProperties": False, "properties": {FIELD: images}}
    }


BODY: dict[str, Any] = {"required": True, "content": {FORM: _images("binary"), JSON: _images("byte")}}
