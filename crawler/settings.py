"""Every setting's name and default; the only module that says them."""

from __future__ import annotations

import os
import tempfile
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent

# Where things are ------------------------------------------------------------------------------
ARCHIVE = str(ROOT / "archive.db")
"""The SQLite archive; made by the first crawl."""
WARC_DIR = str(ROOT / "warc")
"""Folder of the WARC files, a folder a paper below it."""
PAPER_FILES = [str(HERE / "papers.toml")]
"""TOML files of papers, ours first; an operator's own come after it."""
TEMPLATE_FILES = [str(HERE / "templates.toml")]
"""TOML files of newsroom systems, ours first."""

# Time ------------------------------------------------------------------------------------------
CLOCK = ""
"""The one clock: empty for the machine's, or a moment to start from (2026-11-24T06:00:00Z)."""

# Who we are and how we behave ------------------------------------------------------------------
CONTACT_URL = ""
"""Where a newsroom finds who crawls it; set it before crawling at scale. Shown in the User-Agent."""
BOT_NAME = "baotinh"
USER_AGENT = "baotinh/0.1 (archive of Vietnam's provincial press)"
"""What we call ourselves, always; ``(+CONTACT_URL)`` follows where it is set."""
ALLOW_LOOPBACK = False
"""Allow papers on 127.0.0.1, with a port (tests and the demo)."""
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "baotinh"
DOWNLOAD_DELAY = 1.0
"""Seconds between two requests to a host."""
DOWNLOAD_DELAY_JITTER = 0.3
"""Up to this share of it longer, by chance; never shorter."""
CRAWL_DELAY_MOST = 120
"""Seconds of a Crawl-delay that are kept to at most; 0: no bound."""
LEAVE_ALONE_FIRST = 900
"""Seconds a host is left alone that does not want us and does not say how long; each time in a row twice as long."""
LEAVE_ALONE_MOST = 86_400
"""Seconds a host is left alone at most, whatever its Retry-After says."""
DAILY_REQUESTS = 50_000
"""Requests to a host on one day of Vietnam's; 0: no bound."""
REST_HOURS = ""
"""Hours in Vietnam in which nothing is asked of anybody (01:00-05:00)."""
TURNS_DIR = str(Path(tempfile.gettempdir()) / f"baotinh-turns-{os.geteuid()}")
"""Folder of a small file a host, by which all crawls on this machine take turns."""
CONCURRENT_REQUESTS = 2
"""One on its way to the host and one behind it."""
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
"""Bytes of a response before and after decompression; longer ones are cut in the WARC and not read."""
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = False
"""An answer broken off is captured as far as it came, and not read."""
DOWNLOAD_VERIFY_CERTIFICATES = True
COOKIES_ENABLED = False
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]
"""Not 429 and 503: who asks for fewer requests is not asked again at once."""
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    # Answers for what a killed crawl had captured; without such a request it does nothing.
    "crawler.warc.Replay": 10,
    "crawler.politeness.Robots": 100,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "crawler.politeness.Introduction": 500,
    # Nothing may stand between a host's turn and the network.
    "crawler.turns.Turns": 990,
}
DOWNLOAD_HANDLERS = dict.fromkeys(("http", "https"), "crawler.connections.Connections")
METAREFRESH_ENABLED = False
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.5",
    # What warcio and every WARC reader can decode.
    "Accept-Encoding": "gzip, deflate",
}

# Pages whose text a script writes ---------------------------------------------------------------
BROWSER = False
"""Let a browser complete pages that hide their text (``page/body-hidden``); needs the extra ``browser``."""
CHROMIUM = "chromium"
"""The browser: its name on PATH, or its path."""

# How far a crawl follows listings --------------------------------------------------------------
LISTING_PAGES = 3
"""Pages of a section that one crawl turns while they show articles not known before."""
SITEMAP_CHILDREN = 2
"""Newest children of a sitemap index that one crawl opens."""
SITEMAP_DAYS = 3
"""Age in days of an article, by its sitemap, that one crawl fetches; older ones wait for a backfill."""

BACKFILL_REQUESTS = 20_000
"""Pages that one backfill of a paper asks for, then it ends and goes on the next time; 0: no end."""

# How often listings are asked ------------------------------------------------------------------
POLL_PATIENCE = 3.0
"""Minutes that a listing's new articles, taken together, may be expected to wait before it is asked again."""
POLL_SHORTEST = 600
"""Seconds between two looks at a listing at least."""
POLL_LONGEST = 6 * 3600
"""Seconds between two looks at a listing at most."""

# How a redesign is noticed ----------------------------------------------------------------------
DRIFT_SAMPLE = 20
"""Of every so many pages read with a template one is read without it too; 0 for none."""

# Who is told when a paper fails ------------------------------------------------------------------
HEALTH_COMMAND = ""
"""A command that is run for each change of a paper's health, with the change as JSON on its standard input."""
HEALTH_FEED = ""
"""An Atom feed of the changes: the file to write."""

# The house -------------------------------------------------------------------------------------
SPIDER_MODULES = ["crawler.spiders"]
SPIDER_LOADER_CLASS = "crawler.loader.PaperLoader"
COMMANDS_MODULE = "crawler.commands"

# Scrapy's own, lean (shared FINDINGS 3 and 7) --------------------------------------------------
CONCURRENT_ITEMS = 4
WARN_ON_GENERATOR_RETURN_VALUE = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "WARNING"

# What our own crawl, crawlall and replay switch on, and nothing else does ------------------------
NEXT_DUE = "crawler.revisit.Schedule"
"""Says when a visited URL is due again."""
DUE_ONLY = False
"""A crawl leaves alone the listings that are not due; `crawlall --due` sets it."""
EXTRACTOR = f"baotinh/{version('baotinh')}"
"""Which rules read an article; stored with it."""
ARCHIVING = {
    "SCHEDULER": "crawler.frontier.Frontier",
    "DOWNLOADER": "crawler.giving_up.Breakable",
    "EXTENSIONS": {
        "crawler.hosts.Hosts": 5,
        "crawler.run.Run": 10,
        "crawler.warc.Capturing": 20,
        "crawler.giving_up.Stopping": 30,
    },
    "ITEM_PIPELINES": {
        "pipelines.stages.Normalise": 100,
        "pipelines.stages.Fingerprint": 200,
        "pipelines.stages.Store": 300,
    },
}
BROWSING = {
    "RENDERER": "crawler.browser.Renderer",
    "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"),
    "PLAYWRIGHT_BROWSER_PROVIDER": "crawler.browser.LateStart",
}
LAUNCHING = {
    # What a page asks for is fetched by the crawl; whatever should pass that by ends at a closed port.
    "proxy": {"server": "http://127.0.0.1:9", "bypass": "<-loopback>"},
    # Chromium has no sandbox for root.
    "chromium_sandbox": os.geteuid() != 0,
}
REPLAYING = {
    "SCHEDULER": "crawler.replaying.Queue",
    "EXTENSIONS": {"crawler.run.Run": 10},
    "ITEM_PIPELINES": ARCHIVING["ITEM_PIPELINES"],
    "REPLAY_ONLY": True,
    "RUN_COMMAND": "replay",
    # One after another, in the order of their time.
    "CONCURRENT_REQUESTS": 1,
    "DOWNLOAD_DELAY": 0,
    "RETRY_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
}
