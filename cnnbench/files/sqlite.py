"""Addresses of SQLite files."""

from __future__ import annotations

from pathlib import Path


def sqlite_url(path: Path) -> str:
    """Return SQLAlchemy's address of an SQLite file, whose path may hold ? and % as well."""
    from sqlalchemy.engine import URL

    return URL.create("sqlite", database=str(path)).render_as_string()
