"""The egg that scrapyd-deploy uploads: it names baotinh's settings; the code is the one installed beside scrapyd."""

from importlib.metadata import version

from setuptools import setup

setup(
    name="baotinh-on-scrapyd",
    version=version("baotinh"),
    packages=[],
    py_modules=[],
    entry_points={"scrapy": ["settings = crawler.settings"]},
)
