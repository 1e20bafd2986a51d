"""Whose reports a text credits, on a hand-labelled table."""

import pytest

from rag.credits import credited, is_outlet

CREDITS = [
    ("OSLO, 5 May 2024 (NTB) - A landslide killed four people.", "NTB"),
    ("BERLIN, 5 May (TT) — Four people died.", "TT"),
    # attribution
    (
        "Sources told Syria’s official news agency SANA on Friday that 20 died, Presstv reported.",
        "SANA Presstv",
    ),
    ("Syria’s news agency SANA said so, and Syrias news agency SANA said more.", "SANA"),
    ("He told the New York Times that it was over.", "New York Times"),
    ("It was over, according to the Xinhua news agency.", "Xinhua"),
    ("AFP reports that it was over.", "AFP"),
    ("State news agency SANA said on Monday that two died.", "SANA"),
    ("An AFP correspondent in rebel-held eastern Aleppo said the strikes were intense.", "AFP"),
    ("The SANAs correspondent said so.", "SANA"),
    ("The army left, Reuters’ photographer at the scene said.", "Reuters"),
    ("A statement carried by state news agency SANA said so.", "SANA"),
    ("Live video seen by CNN showed a fire.", "CNN"),
    ("“It is over,” the military was quoted as saying by Interfax.", "Interfax"),
    ("“It is over,” he said in an interview with Al Jazeera.", "Al Jazeera"),
    ("“It is over”, said Devin Gordon in The Atlantic.", "Atlantic"),
    ("He told AFP, Reuters and the BBC.", "AFP Reuters BBC"),
    ("AFP and Reuters reported it.", "AFP Reuters"),
    ("The Associated Press contributed to this report.", "Associated Press"),
    ("The Lebanese Al-Manar TV channel reported Friday.", "Al-Manar"),
    # outlets that are not listed
    ("The Rapid City Journal reports the law passed.", "Rapid City Journal"),
    ("On Monday Sky News said so.", "Sky News"),
    ("According to the Kurdish Hawar news agency, clashes erupted.", "Hawar"),
    ("The London-based Shaam News Network put the number at 60.", "Shaam News Network"),
    # credit lines
    ("RALEIGH, N.C. (AP) — A man left.", "AP"),
    ("WASHINGTON, Jan. 5 (Reuters) - A man left.", "Reuters"),
    ("MOSCOW, July 18. /TASS/. A man left.", "TASS"),
    ("Damascus, SANA – A man left.", "SANA"),
    ("New York CNN Business — A man left.", "CNN Business"),
    ("A man left.\n\nMNA/SANA", "MNA SANA"),
    ("A man left. --Reuters", "Reuters"),
    ("A man left. (With AP, Reuters and AFP)", "AP Reuters AFP"),
    ("A man left. Source TRTWorld and agencies", "TRTWorld"),
    ("Idlib on June 24. (AFP) A man left.", "AFP"),
    ("Death toll rises to 45 AFP Wednesday 22 Jul 2015 A man left.", "AFP"),
    ("A man left. Our Standards: The Thomson Reuters Trust Principles.", "Thomson Reuters"),
    ("By JANE DOE, Associated Press\n\nA man left.", "Associated Press"),
]
NO_CREDITS = [
    "The PAP won 60 seats, and MTI said nothing.",
    "The Syrian Observatory for Human Rights said 20 died.",
    "The ministry told reporters that it was over.",
    "State TV said two died. Syrian TV reported it. The Turkish news agency said so.",
    "Syria’s news agency said so.",
    "A CNN reporter was arrested with a man from the Guardian.",
    "Musk linked his purchase to CNN and Fox News.",
    "“This Is Us” (NBC) and “Black-ish” (ABC) were nominated.",
    "She took Advanced Placement (AP) courses.",
    "The Palestinian Authority (PA) said so.",
    "He got a Sputnik V vaccine and wrote to tips@CNN.com.",
    "Bloomberg said he would run. Fars told her.",
    "He climbed the Hill, said a guardian of the sun.",
    "Corey Sipkin/AFP/Getty Images",
    "He subscribed to the Denver Post.",
    "",
]


@pytest.mark.parametrize(("text", "names"), CREDITS)
def test_credited_outlets_are_found(text: str, names: str) -> None:
    assert " ".join(credited(text)) == names


@pytest.mark.parametrize("text", NO_CREDITS)
def test_what_is_merely_mentioned_or_described_is_no_credit(text: str) -> None:
    assert credited(text) == ()


def test_the_spellings_of_one_outlet_count_once_as_first_credited() -> None:
    text = (
        "AP was there. He told The Associated Press so. The AP reported it. PressTV reported. Press TV did."
    )
    assert credited(text) == ("Associated Press", "PressTV")


def test_a_dateline_may_open_the_body_behind_a_header() -> None:
    text = "Wed 01 Oct 2014 at 1459 Regional NNA - Twin car bombs struck."
    assert credited(text, text.index("Regional")) == ("NNA",)


@pytest.mark.parametrize("unit", ["(AP) ", "AP, ", "told the AP ", "Xy News ", "A ", "(", "a"])
def test_a_long_text_of_one_unit_is_read_to_its_end(unit: str) -> None:
    assert len(credited(unit * 5_000)) <= 1


@pytest.mark.parametrize(
    ("name", "known"), [("AP", True), ("Agence France-Presse", True), ("Observatory", False)]
)
def test_outlets_are_known_by_name(name: str, known: bool) -> None:
    assert is_outlet(name) is known
