"""Serves Step Functions of moto, which carries LocalStack's interpreter, on 127.0.0.1.

Its Lambda calls go to the router at the second argument; everything else of moto stays unused.
Arguments: the port to serve on, the router's URL.
"""

import os
import sys

port, router = sys.argv[1], sys.argv[2]
os.environ.update(MOTO_PORT=port, AWS_EC2_METADATA_DISABLED="true")

import boto3
from botocore.config import Config
from moto.core.config import default_user_config
from moto.server import main
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils


def functions(region, service, state_credentials=None):
    """A client of its own for each call, as moto makes them; a call is never repeated behind the definition's back."""
    return boto3.client(
        service_name=service,
        region_name=region,
        endpoint_url=router,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(
            parameter_validation=False,
            retries={"max_attempts": 0, "total_max_attempts": 1},
            read_timeout=600,
            proxies={},
        ),
    )


default_user_config["stepfunctions"]["execute_state_machine"] = True
lambda_eval_utils.boto_client_for = functions
main(["-H", "127.0.0.1", "-p", port])
