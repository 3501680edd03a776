from __future__ import annotations

import pytest

from chatwidget.client.request.docstrings import describe

NUMPY = """Tell the weather.

    At one place, on one day.

    Parameters
    ----------
    city : str, optional
        The name of the city,
        in English.
    unit, language
        As in the settings.
    *args
        Never seen.

    Returns
    -------
    text : str
        The weather.

    Other Parameters
    ----------------
    day : {'today', 'tomorrow'}
        The day: today if left out.
    """

GOOGLE = """Tell the weather.

    At one place, on one day.

    Args:
        city (str, optional): The name of the city,
            in English.
        unit: As in the settings.
        language (dict[str, int]): As in the settings.
        day: The day: today if left out.

    Returns:
        text: The weather.
    """

REST = """Tell the weather.

    At one place, on one day.

    :param str city: The name of the city,
        in English.
    :type city: str
    :param unit: As in the settings.
    :keyword language: As in the settings.
    :param day: The day: today if left out.
    :returns: The weather.
    :raises ValueError: If there is none.
    """


@pytest.mark.parametrize("docstring", [NUMPY, GOOGLE, REST], ids=["numpydoc", "Google", "reST"])
def test_each_style_tells_the_same(docstring: str) -> None:
    description, parameters = describe(docstring)
    assert description == "Tell the weather.\n\nAt one place, on one day."
    expected = {
        "city": "The name of the city, in English.",
        "unit": "As in the settings.",
        "language": "As in the settings.",
        "day": "The day: today if left out.",
    }
    assert {name: text for name, text in parameters.items() if name in expected} == expected
    assert set(parameters) - set(expected) <= {"args"}


LISTS = {
    "below Parameters": """Tell the weather.

    At one place, on one day.

    Parameters:
    - city: The name of the city,
      in English.
    - day (str): The day: today if left out.
    """,
    "below Args, indented": """Tell the weather.

    At one place, on one day.

    Args:
        - city (str, optional): The name of the city,
          in English.
        - day: The day: today if left out.

    Returns:
        The weather.
    """,
    "below an underlined heading": """Tell the weather.

    At one place, on one day.

    Parameters
    ----------
    - city: The name of the city, in English.
    - day: The day: today if left out.
    """,
    "with stars and bold names": """Tell the weather.

    At one place, on one day.

    Arguments:

    * **city**: The name of the city, in English.
    * `day` (str) - The day: today if left out.
    """,
}


@pytest.mark.parametrize("docstring", LISTS.values(), ids=LISTS)
def test_a_list_of_parameters_tells_the_same(docstring: str) -> None:
    assert describe(docstring) == (
        "Tell the weather.\n\nAt one place, on one day.",
        {"city": "The name of the city, in English.", "day": "The day: today if left out."},
    )


def test_a_list_without_a_heading_stays_in_the_description_and_tells_of_parameters() -> None:
    text = "Tell the weather.\n\n- city: The city.\n- day: The day."
    assert describe(text) == (text, {"city": "The city.", "day": "The day."})


@pytest.mark.parametrize(
    ("docstring", "name", "text"),
    [
        ("Tell.\n\n:param list of str cities: The cities.", "cities", "The cities."),
        ("Tell.\n\n:param dict[str, int] x: A map.\n:rtype: int", "x", "A map."),
        ("Tell.\n\nKeyword Args:\n    x: A map.\n\nNote:\n    y: z.", "x", "A map."),
        ("Tell.\n\nArgs:\n    x: A map:\n        - a: One.\n        - b: Two.", "a", "One."),
        ("Tell.\n\nArgs:\n    `x`: A map.", "x", "A map."),
    ],
)
def test_types_and_other_sections_are_passed_over(docstring: str, name: str, text: str) -> None:
    description, parameters = describe(docstring)
    assert description == "Tell."
    assert parameters[name] == text


@pytest.mark.parametrize("text", [":) smile", "@ noon", "a: b: c", "-----", ":", "- \n- "])
def test_odd_text_is_a_description(text: str) -> None:
    assert describe(f"Tell.\n{text}")[0].startswith("Tell.")


def test_what_a_docstring_leaves_open_is_filled_by_the_inherited_one() -> None:
    own = "Tell.\n\nArgs:\n    city: My city.\n    day:"
    inherited = "Say.\n\nArgs:\n    city: A city.\n    day: A day.\n    hour: An hour."
    assert describe(own, None, inherited) == (
        "Tell.",
        {"city": "My city.", "day": "A day.", "hour": "An hour."},
    )
    assert describe(None, "", inherited)[0] == "Say."


@pytest.mark.parametrize("nothing", [None, "", "   \n  "])
def test_no_docstring_tells_nothing(nothing: str | None) -> None:
    assert describe(nothing) == ("", {})


def test_a_summary_alone_is_the_description() -> None:
    assert describe("Tell the weather.") == ("Tell the weather.", {})


def test_what_looks_like_a_section_in_a_sentence_is_none() -> None:
    text = "Args: is a word here.\nReturns: nothing of note.\n\nThe ratio is 1 : 2."
    assert describe(text) == (text, {})


def test_sections_of_other_things_end_the_description() -> None:
    assert describe("Tell.\n\nExamples\n--------\n>>> tell()") == ("Tell.", {})
    assert describe("Tell.\n\nExample:\n    tell()") == ("Tell.", {})
    assert describe("Tell.\n\n:returns: The weather.") == ("Tell.", {})


def test_a_parameter_without_a_text_has_none() -> None:
    assert describe("Tell.\n\nParameters\n----------\ncity : str\n") == ("Tell.", {"city": ""})


def test_notes_after_the_fields_belong_to_no_parameter() -> None:
    _, parameters = describe("Tell.\n\n:param city: The city.\n\nAnd a last word.")
    assert parameters == {"city": "The city."}


def test_a_heading_after_the_arguments_ends_them() -> None:
    _, parameters = describe("Tell.\n\nArgs:\n    city: The city.\n\nRaises:\n    Oops: Rain.")
    assert parameters == {"city": "The city."}
