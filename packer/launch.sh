#!/usr/bin/env bash
# Launches the stack of a gateway, or brings it to other parameters; those that are not named keep their values.
#
#   packer/launch.sh STACK [KEY=VALUE…]      as: acme-gateway System=acme-prod Bucket=… Vpc=vpc-… Subnets=…,… ImageX86=ami-…
#
# Looks first whether another gateway has the names that this one would take. Region and credentials are the AWS CLI's.
set -o errexit -o nounset -o pipefail

fail() {
  echo "launch: $2" >&2
  exit "$1"
}

if (($# == 0)) || [[ $1 == *=* ]]; then fail 2 'usage: launch.sh STACK [KEY=VALUE…]'; fi
stack=$1
shift
template="$(dirname "${BASH_SOURCE[0]}")/stack/gateway.yaml"

value_of() {
  local pair
  for pair in "${@:2}"; do
    if [[ $pair == "$1="* ]]; then echo "${pair#*=}"; fi
  done
}

if ! described="$(aws cloudformation describe-stacks --stack-name "$stack" 2>&1)"; then
  if [[ $described != *'does not exist'* ]]; then fail 77 "${described##*$'\n'}"; fi
  system="$(value_of System "$@")" vpc="$(value_of Vpc "$@")"
  if [[ -z $system || -z $vpc ]]; then fail 2 "there is no stack $stack yet: name System=… and Vpc=…"; fi
  # One call: the group's id, and the stack that made it. The backquotes are the query's.
  # shellcheck disable=SC2016
  read -r group owner < <(aws ec2 describe-security-groups --output text \
    --filters "Name=group-name,Values=$system-bastion" "Name=vpc-id,Values=$vpc" \
    --query 'SecurityGroups[0].[GroupId,Tags[?Key==`aws:cloudformation:stack-name`].Value|[0]]')
  if [[ $group != None ]]; then
    if [[ $owner == None ]]; then owner='no stack'; else owner="stack $owner"; fi
    fail 73 "$vpc has the security group $system-bastion already ($group, of $owner): another gateway of this\
 system, such as the original one; remove it first, \"Come from the original gateway\" in packer/README.md says how"
  fi
fi

aws cloudformation deploy --stack-name "$stack" --template-file "$template" --capabilities CAPABILITY_IAM \
  --no-fail-on-empty-changeset --parameter-overrides "$@"
