"""Scheduled and bulk work: thin Prefect flows around the use cases of the library."""
