"""Weights that somebody published for a network, as a row of its file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cnnbench.config.section import Section


class Published(Section):
    """A weight file: what it is called where it is kept, how it is known to be that file, what it was trained with."""

    file: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="its name, wherever it is kept")
    publisher: str = Field(description="whose it is, such as torchvision")
    preprocessing: Literal["torchvision", "caffe", "inception", "efficientnet-lite"] = Field(
        description="what is done to pixels before the network"
    )
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")] | None = Field(
        default=None, description="its SHA-256, or the first digits that are published"
    )
    md5: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = Field(
        default=None, description="its MD5 where no SHA-256 is published; such a file is not downloaded"
    )
    url: Annotated[str, Field(pattern=r"^https://")] | None = Field(default=None, description="where to download it")
    hub: str | None = Field(default=None, description="its repository on the Hugging Face hub, as owner/name")
    package: str | None = Field(default=None, description="the installed package that carries it, as module/folder")
    ignore: list[str] = Field(default=[], description="patterns of arrays that the network has no place for")
    licence: str | None = Field(default=None, description="the licence of the weights, where it is stated")
