"""Writes JSON Lines of invented news: python3 invent.py ARTICLES [EVERY] > corpus.jsonl

Every person, place and outlet is made up; the targets are those of the demo corpus.
Most articles are of any topic, as in news. There are copies, word for word and edited,
ids that come twice, lines that an outlet repeats, articles without a date, and broken ones.
One in ten of the first 400 takes up a target, and one in EVERY (10) beyond: those have to be read whole.
"""

import json
import random
import sys

WORDS = """harbour council winter market station bridge school budget garden letter valley summer
engine museum kitchen forest cattle traffic weather theatre village factory meeting season border
river island hospital teacher farmer doctor driver painter record price water power paper road field
opened closed moved turned held built found lost carried followed reached passed began ended changed
early late small large quiet narrow wide new old heavy light green grey northern southern local
near behind under across along before after during without between""".split()
GIVEN = "Ilse Tomas Agnes Ruben Marta Oskar Nadia Emil Petra Viktor Lena Hugo".split()
FAMILY = "Corran Velde Rothmar Anselm Tharn Brockel Ostrava Quillen Marrec Sandoz Ferrin Haldane".split()
OFFICES = ["Foreign Minister", "Senator", "Mayor", "General", "the opposition leader"]
OUTLETS = ["Averil Herald", "Norrby Post", "Coast Radio", "Daily Meridian"]
SAYS = ["condemned", "defended", "praised", "criticised", "welcomed", "denounced"]
MATTERS = ["President Dravek", "Ismar Dravek", "Karvelia", "the government of Karvelia", "Dravek's rule"]


def sentence(draw: random.Random) -> str:
    words = [draw.choice(WORDS) + draw.choice(["", "", " the", " of the", " and", " in a", " that", " was"]) for _ in range(draw.randint(7, 16))]
    return f"The {' '.join(words)} {draw.choice(WORDS)}."


def article(number: int, every: int = 10) -> dict:
    draw = random.Random(number)
    on_topic = number % (every if number >= 400 else 10) == 0
    paragraphs = [" ".join(sentence(draw) for _ in range(draw.randint(2, 5))) for _ in range(draw.randint(4, 12))]
    if on_topic:
        given, family = draw.choice(GIVEN), draw.choice(FAMILY)
        matter = draw.choice(MATTERS)
        paragraphs.insert(1, f"{draw.choice(OFFICES)} {given} {family} {draw.choice(SAYS)} {matter} on Monday.")
        paragraphs.insert(2, f"“{matter} must answer for what {draw.choice(WORDS)} and {draw.choice(WORDS)} have come to,” {family} said.")
    out = {"id": f"a{number:07d}", "title": sentence(draw)[:-1], "publisher": draw.choice(OUTLETS * 4 + ["The Lantern"])}
    if number >= 400 and not on_topic and out["publisher"] == "The Lantern":
        out["publisher"] = OUTLETS[0]  # whose articles all name a target
    if out["publisher"] == "The Lantern":
        paragraphs.append("Mayor Ilse Corran condemned Dravek, The Lantern has said.")
    out["text"] = "\n\n".join(paragraphs)
    if number % 50:
        out["date"] = f"2019-{1 + number % 3:02d}-{1 + number % 28:02d}T{number % 24:02d}:00:00Z"
    return out


def lines(count: int, every: int = 10):
    """The lines of a corpus."""
    for number in range(count):
        out = article(number, every)
        if number % 40 == 7:  # another outlet prints it, edited
            out = article(number - 7, every) | {"id": out["id"], "publisher": "Wire Gazette"}
            out["text"] = out["text"].split("\n\n", 1)[1] + " " + sentence(random.Random(-number))
        elif number % 40 == 9:  # or word for word
            out = article(number - 9, every) | {"id": out["id"], "publisher": "Wire Gazette"}
        elif number % 100 == 51:  # an article again under its id
            out = article(number - 50, every)
        elif number % 100 == 53:  # another article under an id in use
            out["id"] = article(number - 50, every)["id"]
        yield "{broken" if number % 500 == 99 else json.dumps(out, ensure_ascii=False)


if __name__ == "__main__":
    for line in lines(int(sys.argv[1]), int((sys.argv + ["10"])[2])):
        print(line)
