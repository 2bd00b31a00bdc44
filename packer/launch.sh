#!/usr/bin/env bash
# Launches the stack of a gateway, or brings it to other parameters; those that are not named keep their values.
#
#   packer/launch.sh STACK [KEY=VALUE…]      as: acme-gateway System=acme-prod Bucket=… Vpc=vpc-… Subnets=…,… ImageX86=ami-…
#
# Looks first whether another gateway has the names that this one would take, and gives the scaling group the use of
# VolumeKey, if one is named, by a grant. Region and credentials are the AWS CLI's.
set -o errexit -o nounset -o pipefail

fail() {
  echo "launch: $2" >&2
  exit "$1"
}

case ${1:-} in
  -h | --help)
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit
    ;;
esac
if [[ ! ${1:-} =~ ^[A-Za-z][A-Za-z0-9-]*$ ]]; then fail 2 'usage: launch.sh STACK [KEY=VALUE…]'; fi
stack=$1
shift
template="$(dirname "${BASH_SOURCE[0]}")/stack/gateway.yaml"

# The AWS CLI passes over names that the template has not.
known="$(sed -n '/^Parameters:/,/^[^ P]/s/^  \([A-Za-z0-9]*\):$/\1/p' "$template" | xargs)"
for pair in "$@"; do
  if [[ $pair != *=* || " $known " != *" ${pair%%=*} "* ]]; then
    fail 2 "\"${pair%%=*}\" is no KEY=VALUE of the stack; its keys are: $known"
  fi
done

value_of() {
  local pair
  for pair in "${@:2}"; do
    if [[ $pair == "$1="* ]]; then echo "${pair#*=}"; fi
  done
}

# A key of one's own is used on behalf of the scaling group, which no stack can allow: there is no resource for a grant.
# With a name it is made once, however often this is run. A key whose policy allows it already needs none, so that a
# refusal is only said.
grant_volume_key() { # ARN of the key
  local account role words
  account="$(aws sts get-caller-identity --query Account --output text)"
  role="arn:$(cut -d: -f2 <<<"$1"):iam::$account:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
  if words="$(aws kms create-grant --name datomic-gateway --key-id "$1" --grantee-principal "$role" --operations Decrypt \
    Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo CreateGrant DescribeKey 2>&1)"; then
    echo "launch: AWSServiceRoleForAutoScaling may use $1" >&2
  else
    echo "launch: AWSServiceRoleForAutoScaling was not given the use of $1 (${words##*$'\n'}); unless the key's policy\
 gives it, machines end as they start" >&2
  fi
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

volume_key="$(value_of VolumeKey "$@")"
if [[ -n $volume_key ]]; then grant_volume_key "$volume_key"; fi

# Without any it is the template of this checkout that the stack is brought to.
overrides=()
if (($# > 0)); then overrides=(--parameter-overrides "$@"); fi
aws cloudformation deploy --stack-name "$stack" --template-file "$template" --capabilities CAPABILITY_IAM \
  --no-fail-on-empty-changeset "${overrides[@]}"
