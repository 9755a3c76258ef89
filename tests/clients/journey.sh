#!/bin/sh
# The story, told by an AWS CLI (1 or 2) in a shell. Started by journey.py, which says in $AWS how to call it.
set -eu

name=journey
failed=0
trap '[ "$?" -eq 0 ] || echo "FAILED  cli: the story broke off; the last answer: $(tail -n 3 "$SEEN")"' EXIT

# Every answer is kept, so that canaries can be looked for in it.
ask() {
	answer=$($AWS codepipeline "$@" 2>&1) || { printf '%s\n' "$answer" >>"$SEEN"; printf '%s\n' "$answer"; return 1; }
	printf '%s\n' "$answer" >>"$SEEN"
	printf '%s\n' "$answer"
}

# check SENTENCE FOUND EXPECTED
check() {
	if [ "$2" = "$3" ]; then
		echo "ok      cli: $1"
	else
		echo "FAILED  cli: $1"
		echo "        found: $2"
		echo "        expected: $3"
		failed=$((failed + 1))
	fi
}

# until_is SECONDS EXPECTED COMMAND...: asks again until the answer is the expected one.
until_is() {
	last=$(($(date +%s) + $1))
	expected=$2
	shift 2
	while :; do
		found=$("$@") || found="$found (exit status $?)"
		[ "$found" = "$expected" ] && return 0
		if [ "$(date +%s)" -gt "$last" ]; then
			echo "FAILED  cli: $* is not $expected but $found"
			exit 1
		fi
		sleep 0.5
	done
}

status_of() {
	ask get-pipeline-execution --pipeline-name $name --pipeline-execution-id "$1" \
		--query pipelineExecution.status --output text
}

in_stage() {
	ask get-pipeline-state --name $name --output text \
		--query "stageStates[?stageName=='$1'].latestExecution.pipelineExecutionId | [0]"
}

# Who is in the stage Approve, and the token of its question if it is open.
asked() {
	ask get-pipeline-state --name $name --output text --query \
		"stageStates[?stageName=='Approve'].[latestExecution.pipelineExecutionId, actionStates[0].latestExecution.token] | [0]"
}

is_asked() {
	case $(asked) in "$1	"*-*) echo yes ;; *) echo no ;; esac
}

# approve EXECUTION STATUS
approve() {
	until_is 60 yes is_asked "$1"
	# Asked in a shell of its own, so that the token has to be read from the last answer.
	token=$(tail -n 1 "$SEEN")
	ask put-approval-result --pipeline-name $name --stage-name Approve --action-name Release \
		--result "summary=Go,status=$2" --token "${token##*	}" --query approvedAt --output text
}

deployed() {
	sed -n 's/<p>Version //p' "$PAGE" "$PUBLIC_PAGE" 2>/dev/null | paste -s -d ' ' -
}

refusal() {
	ask "$@" | sed -n 's/.*An error occurred (\([A-Za-z]*\)).*/\1/p'
}

# shellcheck disable=SC2086 # The commands are several words.
version=$($AWS --version 2>&1)
echo "        $version"

made=$(ask create-pipeline --cli-input-json "file://$PIPELINE_JSON" --query pipeline.version --output text)
check 'create-pipeline gives version 1' "$made" 1
newest() {
	ask list-pipeline-executions --pipeline-name $name --max-items 1 \
		--query 'pipelineExecutionSummaries[0].pipelineExecutionId' --output text | head -n 1
}
first=$(newest)
when=$(approve "$first" Approved)
check 'put-approval-result says when' "$(printf %s "$when" | grep -c '^[0-9]')" 1
until_is 60 Succeeded status_of "$first"
check 'version 1 is on the host and in the bucket' "$(deployed)" '1 1'

ask disable-stage-transition --pipeline-name $name --stage-name Deploy --transition-type Inbound --reason 'Low water.' >/dev/null
$COMMIT 2 >/dev/null
second=$(ask start-pipeline-execution --name $name --client-request-token journey-2 --output text)
again=$(ask start-pipeline-execution --name $name --client-request-token journey-2 --output text)
check 'a token starts one execution, however often it is sent' "$again" "$second"
approve "$second" Approved >/dev/null
waiting() {
	ask get-pipeline-state --name $name --output text \
		--query "stageStates[?stageName=='Deploy'].[inboundExecution.pipelineExecutionId, inboundTransitionState.disabledReason] | [0]"
}
until_is 60 "$second	Low water." waiting
check 'nothing passes a disabled transition' "$(deployed)" '1 1'
ask enable-stage-transition --pipeline-name $name --stage-name Deploy --transition-type Inbound >/dev/null
until_is 60 Succeeded status_of "$second"
check 'version 2 is deployed once the transition is enabled' "$(deployed)" '2 2'

third=$(ask start-pipeline-execution --name $name --output text)
until_is 60 "$third" in_stage Approve
ask stop-pipeline-execution --pipeline-name $name --pipeline-execution-id "$third" --abandon --reason 'Enough.' >/dev/null
until_is 60 Stopped status_of "$third"
check 'what is stopped cannot be stopped' \
	"$(refusal stop-pipeline-execution --pipeline-name $name --pipeline-execution-id "$third" --abandon)" \
	PipelineExecutionNotStoppableException

echo shut >"$GATE"
fourth=$(ask start-pipeline-execution --name $name --output text)
until_is 60 Failed status_of "$fourth"
rm "$GATE"
retried=$(ask retry-stage-execution --pipeline-name $name --stage-name Build \
	--pipeline-execution-id "$fourth" --retry-mode FAILED_ACTIONS --output text)
check "a retry keeps the execution's id" "$retried" "$fourth"
approve "$fourth" Approved >/dev/null
until_is 60 Succeeded status_of "$fourth"
fifth=$(ask start-pipeline-execution --name $name --output text)
approve "$fifth" Rejected >/dev/null
until_is 60 Failed status_of "$fifth"

statuses=$(ask list-pipeline-executions --pipeline-name $name --page-size 2 \
	--query 'pipelineExecutionSummaries[].status' --output text | paste -s -d ' ' - | tr '\t' ' ')
check 'executions are listed newest first, two a page' "$statuses" 'Failed Succeeded Stopped Succeeded Succeeded'
actions=$(ask list-action-executions --pipeline-name $name --filter "pipelineExecutionId=$first" \
	--query 'length(actionExecutionDetails)' --output text)
check "an execution's actions are listed" "$actions" 5
built=$(ask list-action-executions --pipeline-name $name --filter "pipelineExecutionId=$first" --output text \
	--query "actionExecutionDetails[?actionName=='Compile'].output.outputVariables.SITE_VERSION | [0]")
check "a build's variables are shown" "$built" 1

ask get-pipeline --name $name --query '{pipeline: pipeline}' >"$PLACE/update.json"
sed -i 's/Release #{Build.SITE_VERSION}?/Really?/' "$PLACE/update.json"
updated=$(ask update-pipeline --cli-input-json "file://$PLACE/update.json" --query pipeline.version --output text)
check 'an update makes version 2' "$updated" 2
old=$(ask get-pipeline --name $name --pipeline-version 1 --query pipeline.version --output text)
check 'version 1 can still be read' "$old" 1

arn=$(ask get-pipeline --name $name --query metadata.pipelineArn --output text)
ask tag-resource --resource-arn "$arn" --tags key=water,value=high >/dev/null
ask untag-resource --resource-arn "$arn" --tag-keys team >/dev/null
tags=$(ask list-tags-for-resource --resource-arn "$arn" --query 'tags[].[key, value]' --output text)
check 'tags come and go' "$tags" 'water	high'

ask delete-pipeline --name $name >/dev/null
check 'a deleted pipeline is gone' "$(refusal get-pipeline --name $name)" PipelineNotFoundException
[ "$failed" -eq 0 ]
