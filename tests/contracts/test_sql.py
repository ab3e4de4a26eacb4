"""The SQL of each question is the one that was read and agreed, on four engines."""

import pytest

from tests.contracts.questions import DIALECTS, QUESTIONS, SQL, golden_file, sql_of

pytestmark = pytest.mark.golden


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_the_sql_that_was_agreed(question: str, dialect: str) -> None:
    expected = golden_file(question, dialect).read_text(encoding="utf-8")
    assert sql_of(question, dialect) == expected


def test_every_kept_sql_belongs_to_a_question_and_is_kept_once() -> None:
    used = {golden_file(question, dialect) for question in QUESTIONS for dialect in DIALECTS}
    assert set(SQL.glob("*.sql")) == used
    texts = [path.read_text(encoding="utf-8") for path in used]
    assert len(set(texts)) == len(texts)
