"""The sample catalogue: places, departments, halls, people and service items of a city like Jixi.

What it says stands in `data/*.toml`, for people to read and change; the modules here make registers,
people, files and items of it. How the items came through their review is reviewflow.sample_review's.

It is sample data and announces itself as such: names of items, laws, articles and statutory limits are
those of the laws; everything local (phones, addresses, people, promised limits, codes) is invented.
"""
