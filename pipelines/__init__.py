"""Scheduled and bulk work: thin Prefect flows around the use cases of the library.

One file is one flow, and `schedules` is the timetable. Counts and IDs go between tasks, frames stay
inside; nothing is cached, as every task has effects; only tasks that talk to a network are retried.
"""

from tachi_data.errors import needing

with needing("The flows", "pipelines"):
    import prefect as prefect
