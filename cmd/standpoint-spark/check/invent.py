"""Writes JSON Lines of invented news: python3 invent.py ARTICLES [THIN] > corpus.jsonl

Every person, place and outlet is made up; the targets are those of the demo corpus.
Most articles are of any topic, as in news. There are copies, word for word and edited,
ids that come twice, lines that an outlet repeats, articles without a date, and broken ones.
Beyond the first 400, only one in THIN (1) of those on the topic is: they cost fifty times as much.
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


def article(number: int, thin: int = 1) -> dict:
    draw = random.Random(number)
    plain = number >= 400 and number % (10 * thin) > 0 and thin > 1
    paragraphs = [" ".join(sentence(draw) for _ in range(draw.randint(2, 5))) for _ in range(draw.randint(4, 12))]
    if number % 10 == 0 and not plain:  # one in ten is on the topic
        given, family = draw.choice(GIVEN), draw.choice(FAMILY)
        matter = draw.choice(MATTERS)
        paragraphs.insert(1, f"{draw.choice(OFFICES)} {given} {family} {draw.choice(SAYS)} {matter} on Monday.")
        paragraphs.insert(2, f"“{matter} must answer for what {draw.choice(WORDS)} and {draw.choice(WORDS)} have come to,” {family} said.")
    out = {"id": f"a{number:07d}", "title": sentence(draw)[:-1], "publisher": draw.choice(OUTLETS * 4 + ["The Lantern"])}
    if plain and out["publisher"] == "The Lantern":
        out["publisher"] = OUTLETS[0]
    if out["publisher"] == "The Lantern":
        paragraphs.append("Mayor Ilse Corran condemned Dravek, The Lantern has said.")
    out["text"] = "\n\n".join(paragraphs)
    if number % 50:
        out["date"] = f"2019-{1 + number % 3:02d}-{1 + number % 28:02d}T{number % 24:02d}:00:00Z"
    return out


def main() -> None:
    count, thin = int(sys.argv[1]), int((sys.argv + ["1"])[2])
    for number in range(count):
        out = article(number, thin)
        if number % 40 == 7:  # another outlet prints it, edited
            out = article(number - 7, thin) | {"id": out["id"], "publisher": "Wire Gazette"}
            out["text"] = out["text"].split("\n\n", 1)[1] + " " + sentence(random.Random(-number))
        elif number % 40 == 9:  # or word for word
            out = article(number - 9, thin) | {"id": out["id"], "publisher": "Wire Gazette"}
        elif number % 100 == 51:  # an article again under its id
            out = article(number - 50, thin)
        elif number % 100 == 53:  # another article under an id in use
            out["id"] = article(number - 50, thin)["id"]
        print("{broken" if number % 500 == 99 else json.dumps(out, ensure_ascii=False))


if __name__ == "__main__":
    main()
