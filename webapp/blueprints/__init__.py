"""The pages of Heed, one folder each; `ALL` is what the application registers."""

from flask import Blueprint

ALL: tuple[Blueprint, ...] = ()
