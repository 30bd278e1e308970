"""Carriers, tried against real servers on loopback."""
