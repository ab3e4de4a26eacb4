"""What the pages of contracts share: the demonstration register and the published figures.

Apart from what every page shares, because the engine that is asked takes seconds to load.
"""

from functools import lru_cache
from typing import Any

import streamlit as st

from network_map.app.kit.memo import places
from network_map.contracts.published import Published, published_figures
from network_map.contracts.questions import Question, answer_of
from network_map.contracts.register.engine import OpenContracts
from network_map.contracts.register.open import demo_contract_register

_KEPT_ANSWERS = 64


@st.cache_resource(max_entries=1, show_spinner=False)
def demo_contracts() -> OpenContracts:
    """Return the demonstration register, made once and shared: it is shipped data."""
    return demo_contract_register()


@lru_cache(maxsize=_KEPT_ANSWERS)
def demo_contract_answer(question: Question) -> Any:  # noqa: ANN401 (an answer of any topic)
    """Return what the demonstration register answers; the same question is asked once."""
    return answer_of(demo_contracts(), places(), question)


@st.cache_resource(max_entries=1, show_spinner=False)
def published() -> Published:
    """Return the published contract figures and the target."""
    return published_figures()
