"""Starts a child that serves ``scripted_service`` or ``confined_service``, through the real entry
of the children."""

from __future__ import annotations

import sys

from engine.workers import child

child.SERVICES |= {"scripted": "scripted_service", "confined": "confined_service"}
child.main(sys.argv[1:])
