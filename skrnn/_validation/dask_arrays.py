"""Annotated arrays on their way to the workers of Dask, which would send their numbers alone."""

import pickle
import sys
from collections.abc import Callable
from typing import Any


def register(kind: type, size_of: Callable[[Any], int]) -> None:
    """Have Dask pickle arrays of this type, once it is there, and know their size in memory.

    Its own way drops what they carry, and counts shared rows once for each window.
    """
    protocol: Any = sys.modules.get("distributed.protocol")
    if hasattr(protocol, "dask_serialize") and hasattr(protocol, "dask_deserialize"):
        protocol.dask_serialize.register(kind, _frames_of)
        protocol.dask_deserialize.register(kind, _array_of)
        sys.modules["dask.sizeof"].sizeof.register(kind, size_of)


def _frames_of(a: Any, context: Any = None) -> tuple[dict, list]:
    buffers: list[pickle.PickleBuffer] = []
    whole = pickle.dumps(a, protocol=5, buffer_callback=buffers.append)
    return {"annotated": True}, [whole, *(memoryview(own) for own in buffers)]


def _array_of(header: dict, frames: list) -> Any:
    if "annotated" in header:
        return pickle.loads(frames[0], buffers=frames[1:])
    from distributed.protocol.numpy import deserialize_numpy_ndarray

    return deserialize_numpy_ndarray(header, frames)  # sent before Dask was told
