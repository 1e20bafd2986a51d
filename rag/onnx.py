"""ONNX Runtime as Dateline runs it: no thread that nobody asked for, no spinning, no report to anyone."""

import os
from pathlib import Path
from typing import Any


def session(model: bytes | Path, *, threads: int = 1) -> Any:
    """An onnxruntime.InferenceSession of a model file or its bytes. Raises what onnxruntime raises.

    `threads`: that work on one run. One is best where several texts are run at once, as in most places.
    """
    # Opening a session would else look up a host of its maker's within seconds and leave a device id in ~/.cache
    # (1.31, seen under strace); it reads this name when it is imported.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # type: ignore[import-untyped]  # takes 0.5 s to import; has no types

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(threads, os.cpu_count() or 1)
    options.log_severity_level = 3  # errors only; warnings are about the graph and tell a user nothing
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
