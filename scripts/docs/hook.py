"""What MkDocs asks while it builds: pages that are generated, and links out of `docs/` that lead to pages here.

Generated pages are made anew by every build and lie in no folder, so that none is ever out of date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

from scripts.docs import architectures, commands, reference
from scripts.docs.writing import fenced

ROOT = Path(__file__).parents[2]
COPIED = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md", "benchmarks/README.md": "benchmarks.md"}
USES = "A trained run"  # the section of the navigation for what is done with one
_LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")


@cache
def generated() -> Mapping[str, str]:
    """Return every generated page and picture by its path in the site."""
    return {
        **{f"reference/{name}": text for name, text in reference.pages().items()},
        "reference/commands.md": commands.page(),
        **{f"architectures/{name}": text for name, text in architectures.pages().items()},
        **{f"shipped/{path.parent.name}/{path.stem}.md": _shipped(path) for path in _files()},
        **{to: (ROOT / file).read_text(encoding="utf-8") for file, to in COPIED.items()},
    }


def on_config(config: Any) -> Any:
    """Put pages that the navigation does not name at the end of what is done with a trained run."""
    written = sorted(path.name for path in (ROOT / "docs").glob("*.md"))
    section = next(pages for each in config.nav for title, pages in _sections(each) if title == USES)
    section += [name for name in written if name not in listed(config.nav)]
    return config


def _sections(entry: Any) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(entry, dict):
        yield from ((title, pages) for title, pages in entry.items() if isinstance(pages, list))


def listed(nav: Any) -> list[str]:
    """Return the pages that a navigation names."""
    if isinstance(nav, str):
        return [nav]
    return [page for each in (nav.values() if isinstance(nav, dict) else nav) for page in listed(each)]


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages."""
    for path, text in generated().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Let links to files of the repository lead to their pages in the site."""
    copied = {to: file for file, to in COPIED.items()}
    source = ROOT / copied.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    depth = "../" * page.file.src_uri.count("/")

    def replaced(match: re.Match[str]) -> str:
        target, anchor = match.group(1), match.group(2) or ""
        if ":" in target or not (there := in_site(source, target)):
            return match.group()
        return f"]({depth}{there}{anchor})"

    return _LINK.sub(replaced, markdown)


def in_site(source: Path, target: str) -> str:
    """Return the page of the site that a link of a file leads to; an empty text where the link may stay as it is."""
    path = (source.parent / target).resolve()
    if not path.is_relative_to(ROOT):
        return ""
    file = path.relative_to(ROOT)
    if file.parts[0] == "docs":
        return str(file.relative_to("docs")) if source.parent != ROOT / "docs" else ""
    if file.parts[0] == "configs":
        kind = file.parts[1] if len(file.parts) > 1 else ""
        if kind == "architectures":
            return f"architectures/{file.stem}.md" if file.suffix else "architectures/index.md"
        return f"shipped/{kind}/{file.stem}.md" if file.suffix else "reference/shipped.md"
    if str(file) in ("benchmarks", "README.md"):
        return {"benchmarks": "benchmarks.md", "README.md": "index.md"}[str(file)]
    return COPIED.get(str(file), "")


def _files() -> list[Path]:
    kinds = ("experiments", "sweeps", "studies")
    return sorted(path for kind in kinds for path in (ROOT / "configs" / kind).glob("*.yaml"))


def _shipped(path: Path) -> str:
    """Return the page of a shipped file: what it says of itself and how it is run are its first lines."""
    command = {"experiments": "train", "sweeps": "sweep", "studies": "reproduce"}[path.parent.name]
    text = path.read_text(encoding="utf-8")
    return f"# {path.stem}\n\n`cnnbench {command} {path.stem}`\n\n{fenced(text, 'yaml')}"
