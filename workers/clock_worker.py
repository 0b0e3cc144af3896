"""Runs the clocks: the workflow that waits and the one activity it may ask for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from workers.codec import Keys, sealed
from workflows.activities import ClockActivities
from workflows.case_clock import CaseClock
from workflows.office import Office

TASK_QUEUE = "clocks"
CALLS_AT_ONCE = 8  # below the event store's pool, so that acts by people find a connection
CACHED_CLOCKS = 500  # about 126 kB each


async def connect(address: str, keys: Keys, namespace: str = "default") -> Client:
    return await Client.connect(address, namespace=namespace, data_converter=sealed(keys))


def clock_worker(client: Client, office: Office, *, grace: timedelta) -> Worker:
    """Build the worker; `grace` is how long calls under way may take to finish at the end."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[CaseClock],
        activities=[ClockActivities(office).call_time],
        activity_executor=ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="call-time"),
        max_concurrent_activities=CALLS_AT_ONCE,
        max_cached_workflows=CACHED_CLOCKS,
        graceful_shutdown_timeout=grace,
    )
