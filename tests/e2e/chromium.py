"""Finds the browser that the browser tests drive, or installs one.

`python -m tests.e2e.chromium` makes sure that there is one and a Chinese font beside it; `make test`
does that first, so that the tests themselves never wait for a package manager.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "No Chromium: none is on PATH, this user may not install Debian's package, and Playwright could not "
    "download its own; install Chromium or Chrome and run this again."
)
NO_FONT = "No Chinese font: the tests run, but pictures of pages show boxes (install a Noto CJK font)."


def find() -> str | None:
    """The path of a browser on PATH, or of the one that Playwright keeps for itself."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def has_chinese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def _may_use_apt() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt_install(*packages: str) -> bool:
    """True where it worked. What apt-get says is shown only where it did not."""
    print(f"Installing {' and '.join(packages)} with apt-get", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "-q"], install):
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode:
        print(done.stdout[-2000:], file=sys.stderr)
    return done.returncode == 0


def _playwright_install() -> None:
    print("Downloading Playwright's Chromium", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    """The exit code: 0 where there is a browser in the end."""
    wanted = [] if find() else ["chromium"]
    if not has_chinese_font():
        wanted += ["fonts-noto-cjk", "fontconfig"]
    if wanted and _may_use_apt():
        _apt_install(*wanted)
    if not find():
        _playwright_install()
    if not find():
        print(MISSING, file=sys.stderr)
        return 1
    if not has_chinese_font():
        print(NO_FONT, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
