"""Dependency audit of a lock file: red on a known vulnerability, and honest about what could not be looked up."""

import json
import subprocess
import sys


def main(lock_file: str) -> int:
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "-r", lock_file, "-f", "json"]
    run = subprocess.run([*command, "--progress-spinner", "off"], capture_output=True, text=True, check=False)  # noqa: S603
    try:
        dependencies = json.loads(run.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (run.stderr.strip().splitlines() or ["no output"])[-1]
        print(f"audit: NOT DONE, the advisory service did not answer: {last}")
        return 0
    unknown = [each["name"] for each in dependencies if "skip_reason" in each]
    faulty = [each for each in dependencies if each.get("vulns")]
    for each in faulty:
        print(f"audit: {each['name']} {each['version']}: " + ", ".join(vuln["id"] for vuln in each["vulns"]))
    done = len(dependencies) - len(unknown)
    print(f"audit: {done} of {len(dependencies)} dependencies looked up, {len(faulty)} with known vulnerabilities")
    if unknown:
        print(f"audit: NOT DONE for {len(unknown)}: the advisory service could not be asked about them")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
