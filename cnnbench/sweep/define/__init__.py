"""From a sweep file to a checked sweep."""
