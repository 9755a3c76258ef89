// The story, told by the AWS SDK for JavaScript 3, first in JSON and then in CBOR. Started by journey.py.

import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';

const { COMMIT, GATE, NODE_MODULES, PAGE, PIPELINE_JSON, PUBLIC_PAGE, SEEN } = process.env;
const require = createRequire(`${NODE_MODULES}/package.json`);
const sdk = require('@aws-sdk/client-codepipeline');
const { AwsSmithyRpcV2CborProtocol } = require('@aws-sdk/core/protocols');

const secondsMax = 60;
let failures = 0;

class Story {
	constructor(wire, more) {
		this.wire = wire;
		this.pipelineName = `journey-${wire.toLowerCase()}`;
		this.client = new sdk.CodePipelineClient(more);
		// Every answer is kept, so that canaries can be looked for in it.
		this.client.middlewareStack.add(
			(next) => async (call) => {
				const answer = await next(call);
				appendFileSync(SEEN, `${JSON.stringify(answer.output)}\n`);
				return answer;
			},
			{ step: 'initialize' },
		);
	}

	ask(operation, members = {}) {
		return this.client.send(new sdk[`${operation}Command`](members));
	}

	check(holds, sentence, detail) {
		console.log(`${holds ? 'ok    ' : 'FAILED'}  javascript, ${this.wire}: ${sentence}`);
		if (!holds) {
			failures += 1;
			console.log(`        ${JSON.stringify(detail)}`);
		}
	}

	// Asks again until the answer is not falsy.
	async until(sentence, look) {
		const last = Date.now() + secondsMax * 1000;
		for (;;) {
			const found = await look();
			if (found) return found;
			if (Date.now() > last) throw new Error(`${sentence}: not within ${secondsMax} s`);
			await pause(100);
		}
	}

	async stage(name) {
		const state = await this.ask('GetPipelineState', { name: this.pipelineName });
		return state.stageStates.find((one) => one.stageName === name);
	}

	async waitFor(execution, status) {
		await this.until(`${execution} is ${status}`, async () => {
			const named = { pipelineName: this.pipelineName, pipelineExecutionId: execution };
			return (await this.ask('GetPipelineExecution', named)).pipelineExecution.status === status;
		});
	}

	async approve(execution, status = 'Approved') {
		const token = await this.until('an open approval', async () => {
			const stage = await this.stage('Approve');
			if (stage.latestExecution?.pipelineExecutionId !== execution) return undefined;
			return stage.actionStates[0].latestExecution?.token;
		});
		const place = { pipelineName: this.pipelineName, stageName: 'Approve', actionName: 'Release' };
		return this.ask('PutApprovalResult', { ...place, token, result: { summary: 'Go', status } });
	}

	async start(clientRequestToken) {
		const started = await this.ask('StartPipelineExecution', { name: this.pipelineName, clientRequestToken });
		return started.pipelineExecutionId;
	}

	async refusal(operation, members) {
		try {
			await this.ask(operation, members);
			return 'none';
		} catch (error) {
			const isOfTheModel = error instanceof sdk.CodePipelineServiceException;
			return isOfTheModel ? error.name : `not of the model: ${error}`;
		}
	}

	async tell() {
		const first = await this.create();
		await this.hold();
		await this.stop();
		await this.retry();
		await this.list(first);
		await this.change();
		await this.remove();
	}

	async create() {
		const asked = JSON.parse(readFileSync(PIPELINE_JSON, 'utf8'));
		asked.pipeline.name = this.pipelineName;
		commit('1');
		const made = await this.ask('CreatePipeline', asked);
		this.check(made.pipeline.version === 1, 'create-pipeline gives version 1', made);
		const first = await this.until('the first execution', async () => {
			const found = await this.ask('ListPipelineExecutions', { pipelineName: this.pipelineName });
			return found.pipelineExecutionSummaries[0]?.pipelineExecutionId;
		});
		const answered = await this.approve(first);
		this.check(answered.approvedAt instanceof Date, 'put-approval-result says when', answered);
		await this.waitFor(first, 'Succeeded');
		this.check(isDeployed('1'), 'version 1 is on the host and in the bucket');
		return first;
	}

	async hold() {
		const place = { pipelineName: this.pipelineName, stageName: 'Deploy', transitionType: 'Inbound' };
		await this.ask('DisableStageTransition', { ...place, reason: 'Low water.' });
		commit('2');
		const second = await this.start('journey-2');
		const again = await this.start('journey-2');
		this.check(second === again, 'a token starts one execution, however often it is sent', [second, again]);
		await this.approve(second);
		const held = await this.until('the second waits', async () => {
			const stage = await this.stage('Deploy');
			return stage.inboundExecution?.pipelineExecutionId === second && stage.inboundTransitionState;
		});
		this.check(held.disabledReason === 'Low water.' && isDeployed('1'), 'nothing passes a disabled transition', held);
		await this.ask('EnableStageTransition', place);
		await this.waitFor(second, 'Succeeded');
		this.check(isDeployed('2'), 'version 2 is deployed once the transition is enabled');
	}

	async stop() {
		const third = await this.start();
		await this.until('the third is asked about', async () => {
			return (await this.stage('Approve')).latestExecution?.pipelineExecutionId === third;
		});
		const named = { pipelineName: this.pipelineName, pipelineExecutionId: third, abandon: true };
		await this.ask('StopPipelineExecution', { ...named, reason: 'Enough.' });
		await this.waitFor(third, 'Stopped');
		const code = await this.refusal('StopPipelineExecution', named);
		this.check(code === 'PipelineExecutionNotStoppableException', 'what is stopped cannot be stopped', code);
	}

	async retry() {
		writeFileSync(GATE, 'shut\n');
		const fourth = await this.start();
		await this.waitFor(fourth, 'Failed');
		rmSync(GATE);
		const place = { pipelineName: this.pipelineName, stageName: 'Build', pipelineExecutionId: fourth };
		const retried = await this.ask('RetryStageExecution', { ...place, retryMode: 'FAILED_ACTIONS' });
		this.check(retried.pipelineExecutionId === fourth, "a retry keeps the execution's id", retried);
		await this.approve(fourth);
		await this.waitFor(fourth, 'Succeeded');
		const fifth = await this.start();
		await this.approve(fifth, 'Rejected');
		await this.waitFor(fifth, 'Failed');
		this.check(true, 'a rejected approval fails its execution');
	}

	async list(first) {
		const statuses = [];
		// Paginators write into what they are given, so that each gets its own.
		const named = { pipelineName: this.pipelineName };
		for await (const page of sdk.paginateListPipelineExecutions({ client: this.client, pageSize: 2 }, { ...named })) {
			statuses.push(...page.pipelineExecutionSummaries.map((one) => one.status));
		}
		const expected = 'Failed Succeeded Stopped Succeeded Succeeded';
		this.check(statuses.join(' ') === expected, 'executions are listed newest first, two a page', statuses);
		const actions = [];
		const mine = { ...named, filter: { pipelineExecutionId: first } };
		for await (const page of sdk.paginateListActionExecutions({ client: this.client, pageSize: 2 }, mine)) {
			actions.push(...page.actionExecutionDetails);
		}
		const built = actions.find((one) => one.actionName === 'Compile');
		this.check(actions.length === 5, "an execution's actions are listed", actions.length);
		this.check(built.output.outputVariables.SITE_VERSION === '1', "a build's variables are shown", built);
		this.check(built.startTime instanceof Date, 'moments are dates', built.startTime);
	}

	async change() {
		const { pipeline, metadata } = await this.ask('GetPipeline', { name: this.pipelineName });
		pipeline.stages[2].actions[0].configuration.CustomData = 'Really?';
		const updated = await this.ask('UpdatePipeline', { pipeline });
		this.check(updated.pipeline.version === 2, 'an update makes version 2', updated.pipeline);
		const resourceArn = metadata.pipelineArn;
		await this.ask('TagResource', { resourceArn, tags: [{ key: 'water', value: 'high' }] });
		await this.ask('UntagResource', { resourceArn, tagKeys: ['team'] });
		const { tags } = await this.ask('ListTagsForResource', { resourceArn });
		this.check(tags.length === 1 && tags[0].value === 'high', 'tags come and go', tags);
	}

	async remove() {
		await this.ask('DeletePipeline', { name: this.pipelineName });
		const code = await this.refusal('GetPipeline', { name: this.pipelineName });
		this.check(code === 'PipelineNotFoundException', 'a deleted pipeline is gone', code);
	}
}

function commit(version) {
	const [program, ...words] = COMMIT.split(' ');
	execFileSync(program, [...words, version]);
}

function isDeployed(version) {
	const holds = (page) => existsSync(page) && readFileSync(page, 'utf8').includes(`Version ${version}`);
	return [PAGE, PUBLIC_PAGE].every(holds);
}

for (const [wire, more] of [['JSON', {}], ['CBOR', { protocol: AwsSmithyRpcV2CborProtocol }]]) {
	try {
		await new Story(wire, more).tell();
	} catch (error) {
		failures += 1;
		console.log(`FAILED  javascript, ${wire}: ${error.stack}`);
	}
}
process.exitCode = failures === 0 ? 0 : 1;
