"""Measures Dateline, as `dateline` runs it."""

from rag.threads import without_blas_threads

without_blas_threads()
