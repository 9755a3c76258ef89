"""A function sees the environment that Lambda gives it, and nothing of the machine that it runs on."""

import os

import seam

KEPT = {"PATH", "LANG", "TZ"}
SETTINGS_OF_LAMBDA = ("AWS_", "_HANDLER", "LAMBDA_")


def install():
    whole = seam.part("services.lambda_svc", "_provided_worker_env")

    def environment(config, code_directory, port):
        named = (config.get("Environment") or {}).get("Variables") or {}
        return {
            name: value
            for name, value in whole(config, code_directory, port).items()
            if name in named or name in KEPT or name not in os.environ or name.startswith(SETTINGS_OF_LAMBDA)
        }

    seam.replace("services.lambda_svc", "_provided_worker_env", environment)
    scope_restarts_to_the_account()


def scope_restarts_to_the_account():
    """To deploy a function restarts it. The emulator restarts those of that name in every account."""
    lambdas = seam.part("services.lambda_svc", "get_account_id")
    invalidate = seam.part("core.lambda_runtime", "invalidate_worker")

    def invalidate_ours(name, qualifier=None, account=None, region=None):
        return invalidate(name, qualifier, account or lambdas(), region)

    seam.replace("core.lambda_runtime", "invalidate_worker", invalidate_ours)
    seam.replace("services.lambda_svc", "invalidate_worker", invalidate_ours)
