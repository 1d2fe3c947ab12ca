"""A real WordPress on loopback: Debian's packages, a database of its own, PHP's own server.

Everything lies in a folder that is deleted afterwards; nothing of the system is changed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

from tests.servers.site import policy_for

SHARE = Path("/usr/share/wordpress")
PROGRAMS = ("php", "mariadbd", "mariadb-install-db")

CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HOME', '{url}'); define('WP_SITEURL', '{url}');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
foreach (['AUTH_KEY','SECURE_AUTH_KEY','LOGGED_IN_KEY','NONCE_KEY','AUTH_SALT','SECURE_AUTH_SALT',
          'LOGGED_IN_SALT','NONCE_SALT'] as $k) define($k, str_repeat($k, 4));
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
ROUTER = """<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path !== '/' && is_file(__DIR__ . $path)) return false;
$_SERVER['SCRIPT_NAME'] = '/index.php'; $_SERVER['PHP_SELF'] = '/index.php';
require __DIR__ . '/index.php';
"""
INSTALL = """<?php
define('WP_INSTALLING', true);
require __DIR__ . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
$plan = json_decode(file_get_contents(__DIR__ . '/plan.json'), true);
wp_install('Blog', 'admin', 'a@blog.example', true, '', 'pw', $plan['locale']);
update_option('WPLANG', $plan['locale']);
update_option('posts_per_rss', 100);
wp_delete_post(1, true); wp_delete_post(2, true);
global $wp_rewrite; $wp_rewrite->set_permalink_structure('/%year%/%monthnum%/%postname%/');
flush_rewrite_rules();
foreach ($plan['posts'] as $post) {
  $user = username_exists($post['login']);
  if (!$user) $user = wp_insert_user(['user_login' => $post['login'], 'user_pass' => 'pw',
    'display_name' => $post['author'], 'role' => 'author']);
  $id = wp_insert_post(['post_title' => $post['title'], 'post_content' => $post['content'],
    'post_status' => $post['status'], 'post_author' => $user, 'post_name' => $post['slug'],
    'post_date' => $post['date'], 'post_date_gmt' => $post['date'],
    'tags_input' => $post['tags'], 'post_password' => $post['password']], true);
  if (is_wp_error($id)) { fwrite(STDERR, $id->get_error_message()); exit(1); }
}
"""


EXPORT = """<?php
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/export.php';
wp_set_current_user(1);
export_wp(['content' => 'all']);
"""


def missing() -> str | None:
    """Say what is not installed, if something is not."""
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if not SHARE.is_dir():
        absent.append("wordpress")
    elif not any(SHARE.glob("wp-content/themes/*/style.css")):
        absent.append("a theme of wordpress")
    return f"not installed: {', '.join(absent)}" if absent else None


class Database(contextlib.AbstractContextManager["Database"]):
    """A MariaDB that listens on a socket file alone."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        # A socket's path may have 107 bytes; the folders of tests are longer.
        self.socket = f"/tmp/copydesk-{os.getpid()}.sock"

    def __enter__(self) -> Self:
        common = ["--no-defaults", f"--datadir={self.data}", f"--user={_user()}"]
        subprocess.run(
            ["mariadb-install-db", *common, "--auth-root-authentication-method=normal"],
            check=True, capture_output=True,
        )  # fmt: skip
        self._process = subprocess.Popen(
            ["mariadbd", *common, f"--socket={self.socket}", "--skip-networking",
             "--innodb-buffer-pool-size=32M", f"--pid-file={self.data}/pid"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _until(lambda: Path(self.socket).exists())
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.terminate()
        self._process.wait(60)

    def anew(self) -> None:
        """Start with an empty database."""
        sql = "DROP DATABASE IF EXISTS wordpress; CREATE DATABASE wordpress CHARACTER SET utf8mb4"
        subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot", "-e", sql],
            check=True, capture_output=True,
        )  # fmt: skip


class WordPressSite(contextlib.AbstractContextManager["WordPressSite"]):
    """A site with the planned posts: title, content, author, login, date, slug, tags, status."""

    def __init__(self, folder: Path, database: Database, locale: str, posts: list[dict]) -> None:
        self.root = folder / "site"
        self._database = database
        self._plan = {"locale": locale, "posts": posts}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._database.anew()
        if not self.root.exists():
            locale = self._plan["locale"]

            def other_languages(folder: str, names: list[str]) -> list[str]:
                if not folder.endswith("/languages"):
                    return []
                return [name for name in names if not locale or locale not in name]

            shutil.copytree(SHARE, self.root, ignore=other_languages, ignore_dangling_symlinks=True)
        config = CONFIG.replace("{socket}", self._database.socket).replace("{url}", self.url)
        (self.root / "wp-config.php").unlink(missing_ok=True)
        (self.root / "wp-config.php").write_text(config)
        (self.root / "router.php").write_text(ROUTER)
        (self.root / "plan.json").write_text(json.dumps(self._plan))
        (self.root / "make.php").write_text(INSTALL)
        completed = subprocess.run(
            ["php", "make.php"], cwd=self.root, capture_output=True, text=True, check=False
        )
        assert completed.returncode == 0, completed.stderr + completed.stdout
        self._process = subprocess.Popen(
            ["php", "-S", f"127.0.0.1:{self.port}", "-t", str(self.root), "router.php"],
            cwd=self.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "PHP_CLI_SERVER_WORKERS": "2"}, start_new_session=True,
        )  # fmt: skip
        _until(self._answers)
        return self

    def __exit__(self, *exception: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, 15)
        self._process.wait(30)

    def export(self) -> bytes:
        """Return what Tools, Export writes of the whole site (WXR)."""
        (self.root / "export.php").write_text(EXPORT)
        return subprocess.run(
            ["php", "export.php"], cwd=self.root, capture_output=True, check=True
        ).stdout

    def option(self, name: str, value: str) -> None:
        """Set an option of the site."""
        code = f"<?php require 'wp-load.php'; update_option('{name}', '{value}');"
        (self.root / "option.php").write_text(code)
        subprocess.run(["php", "option.php"], cwd=self.root, capture_output=True, check=True)

    def policy(self):
        return policy_for(self, robots=True, read=60.0, total=120.0)  # type: ignore[arg-type]

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def _user() -> str:
    return os.environ.get("USER") or "root"


def _until(true, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(true)
        time.sleep(0.1)
