"""Scheduled and bulk work: thin Prefect flows around the use cases of the library.

One file is one flow, and `schedules` has what runs when. Counts and IDs go between tasks, frames stay
inside; nothing is cached, as every task has effects; only what talks to a network is tried again.
"""
