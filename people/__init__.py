"""Persons, organisations, their places of business, towns and roles. May import foundation only."""
