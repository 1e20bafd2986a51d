"""Is a sentence borne out by what it cites?"""

from rag.answering.verification.verifier import THRESHOLD, Verification, Verifier

__all__ = ["THRESHOLD", "Verification", "Verifier"]
