"""Backends, devices and what this machine has."""
