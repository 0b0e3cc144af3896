"""What clocks show in Temporal's lists, registered and verified before any clock is started.

A clock that shows what its namespace does not know fails its task again and again: it waits for
nothing any more, and nobody is told.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from workers.children import StackFault
from workers.comparison import RPC_LIMIT
from workflows.contract import NEXT_SHOWN, PLAN_SHOWN

SHOWN: Final[tuple[SearchAttributeKey[Any], ...]] = (PLAN_SHOWN, NEXT_SHOWN)
PATIENCE_S = 15  # a server in parts takes some seconds to tell all of them
LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class Registered:
    """How a namespace stands to what clocks show."""

    absent: tuple[SearchAttributeKey[Any], ...]
    wrong: str  # in words; empty when every type is ours


async def ensure(client: Client) -> None:
    """Register what is missing, and return when lists can be asked for it.

    Safe to be done twice, and by two at once. Raises StackFault, with the way out, when a type is
    another or when nothing can be registered.
    """
    limit, why = time.monotonic() + PATIENCE_S, "登记以后仍查不到"
    while True:
        try:
            found = await registered(client)
            if found.wrong:
                raise StackFault(found.wrong)
            if not found.absent and await _can_be_asked_for(client):
                return
            if found.absent:
                await register(client, found.absent)
        except RPCError as error:
            why = f"{error.status.name}，{error.message}"
        if time.monotonic() > limit:
            raise StackFault(_not_registered(client, why))
        await asyncio.sleep(LOOK_EVERY_S)


async def registered(client: Client) -> Registered:
    """Look, and change nothing."""
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=RPC_LIMIT
    )
    kept = dict(listed.custom_attributes)
    wrong = [
        f"{key.name} 是 {_called(kept[key.name])}，应为 {_called(key.indexed_value_type)}"
        for key in SHOWN
        if kept.get(key.name, key.indexed_value_type) != key.indexed_value_type
    ]
    return Registered(
        absent=tuple(key for key in SHOWN if key.name not in kept),
        wrong=_of_another_type(client, wrong) if wrong else "",
    )


async def register(client: Client, keys: Iterable[SearchAttributeKey[Any]] = SHOWN) -> None:
    """Another may register the same in the same moment: that does no harm."""
    types = {key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in keys}
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types)
    try:
        await client.operator_service.add_search_attributes(request, timeout=RPC_LIMIT)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise


async def _can_be_asked_for(client: Client) -> bool:
    query = " AND ".join(f"{key.name} IS NULL" for key in SHOWN)
    try:
        await client.count_workflows(query, rpc_timeout=RPC_LIMIT)
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:
            raise
        return False
    return True


def _called(kind: int) -> str:
    name = IndexedValueType.Name(IndexedValueType.ValueType(kind))
    return name.removeprefix("INDEXED_VALUE_TYPE_").title().replace("_", "")


def _of_another_type(client: Client, wrong: list[str]) -> str:
    return (
        f"Temporal 名字空间 {client.namespace} 里的检索属性与时钟所用的不是一个类型："
        f"{'；'.join(wrong)}。启动了时钟也会停在原处，所以没有启动。"
        "它若无他用，请执行 temporal operator search-attribute remove 删去后重新启动；"
        "否则请另用一个名字空间（RONGCUO_TEMPORAL_NAMESPACE），时钟会由事件库重建。"
    )


def _not_registered(client: Client, why: str) -> str:
    options = " ".join(
        f"--name {key.name} --type {_called(key.indexed_value_type)}" for key in SHOWN
    )
    return (
        f"Temporal 名字空间 {client.namespace} 里没有登记上时钟所用的检索属性（{why}）。"
        "没有它们，时钟会停在原处，所以没有启动。请看 Temporal 的日志，或由其管理者执行："
        f"temporal operator search-attribute create --namespace {client.namespace} {options}"
    )
