//! Takes the figures, and prints them.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use serde_json::{Value, json};

use crate::api::connection::Connection;
use crate::api::load::{Load, Taken, drive};
use crate::api::request::Asker;
use crate::api::servers::{self, Server};
use crate::api::stock::{self, APPROVALS, MANY};
use crate::machine::processors;

/// Measures the API of `towpath up`, next to `moto_server`.
#[derive(Clone, Debug, Parser)]
#[command(name = "api")]
pub struct Arguments {
    /// The program that serves
    #[arg(long, value_name = "FILE", default_value = "target/release/towpath")]
    pub towpath: PathBuf,
    /// The reference; without it there are no ratios
    #[arg(long, value_name = "FILE")]
    pub moto: Option<PathBuf>,
    /// How many executions are in the store when it is looked at
    #[arg(long, value_name = "COUNT", value_delimiter = ',', default_value = "1,10000,100000")]
    pub executions: Vec<usize>,
    /// How long each load lasts
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0)]
    pub seconds: f64,
    /// On how many connections at once, where rates are taken
    #[arg(long, value_name = "COUNT", default_value_t = 16)]
    pub connections: usize,
}

/// One line of the report.
struct Row {
    operation: &'static str,
    executions: usize,
    /// At many connections.
    rate: Taken,
    /// At one.
    alone: Taken,
}

/// Takes every figure and prints them.
pub fn measure(arguments: &Arguments) -> Result<()> {
    let data = tempfile::tempdir_in(".").context("no place for the data")?;
    let server = servers::towpath(&arguments.towpath, data.path())?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{} processors, shared by the server and whoever asks; {} connections for rates, one for p50 and p99\n",
        processors(),
        arguments.connections
    )?;
    writeln!(
        out,
        "{:<24}{:>11}{:>12}{:>11}{:>11}",
        "operation", "executions", "answers/s", "p50 ms", "p99 ms"
    )?;
    let mut rows = Vec::new();
    for row in ours(arguments, &server)? {
        write_row(&mut out, &row)?;
        rows.push(row);
    }
    flatness(&mut out, arguments, &rows)?;
    if let Some(moto) = &arguments.moto {
        let reference = servers::moto(moto)?;
        compare(&mut out, arguments, &server, &reference)?;
    }
    Ok(())
}

fn ours(arguments: &Arguments, server: &Server) -> Result<Vec<Row>> {
    let asker = &server.asker;
    let mut connection = Connection::open(asker.address)?;
    stock::register(&mut connection, asker)?;
    stock::create(&mut connection, asker, MANY, 1)?;
    let mut present = 1;
    let mut rows = Vec::new();
    for executions in &arguments.executions {
        grow(arguments, asker, executions.saturating_sub(present))?;
        present = present.max(*executions);
        for (operation, request) in [
            ("GetPipelineState", json!({"name": MANY})),
            ("ListPipelineExecutions", json!({"pipelineName": MANY, "maxResults": 1})),
        ] {
            rows.push(row(arguments, asker, operation, *executions, &request)?);
        }
        let (row, started) = starts(arguments, asker, *executions)?;
        present += started;
        rows.push(row);
        rows.push(approvals(arguments, asker, *executions)?);
    }
    Ok(rows)
}

fn row(
    arguments: &Arguments,
    asker: &Asker,
    operation: &'static str,
    executions: usize,
    request: &Value,
) -> Result<Row> {
    let requests = [asker.request(operation, request)?];
    let rate = drive(&load(arguments, asker, &requests, arguments.connections))?;
    let alone = drive(&load(arguments, asker, &requests, 1))?;
    Ok(Row { operation, executions, rate, alone })
}

fn load<'a>(
    arguments: &Arguments,
    asker: &Asker,
    requests: &'a [Vec<u8>],
    connections: usize,
) -> Load<'a> {
    let time = Duration::from_secs_f64(arguments.seconds);
    let (is_once, count_max) = (false, usize::MAX);
    Load { address: asker.address, requests, is_once, connections, time, count_max }
}

/// Starts executions until there are so many more.
fn grow(arguments: &Arguments, asker: &Asker, mut missing: usize) -> Result<()> {
    while missing > 0 {
        let requests = [asker.request("StartPipelineExecution", &json!({"name": MANY}))?];
        let load = Load {
            // Signatures are good for five minutes.
            time: Duration::from_mins(1),
            count_max: missing,
            ..load(arguments, asker, &requests, arguments.connections * 4)
        };
        missing -= drive(&load)?.durations.len().min(missing);
    }
    Ok(())
}

/// Starts change what they are measured on: half as long, so that they change it less.
fn starts(arguments: &Arguments, asker: &Asker, executions: usize) -> Result<(Row, usize)> {
    let requests = [asker.request("StartPipelineExecution", &json!({"name": MANY}))?];
    let time = Duration::from_secs_f64(arguments.seconds / 2.0);
    let rate = drive(&Load { time, ..load(arguments, asker, &requests, arguments.connections) })?;
    let alone = drive(&Load { time, ..load(arguments, asker, &requests, 1) })?;
    let started = rate.durations.len() + alone.durations.len();
    Ok((Row { operation: "StartPipelineExecution", executions, rate, alone }, started))
}

/// Each approval can be answered once, so as many pipelines are made as answers are wanted.
fn approvals(arguments: &Arguments, asker: &Asker, executions: usize) -> Result<Row> {
    const PIPELINES: usize = 10;
    let mut connection = Connection::open(asker.address)?;
    let names: Vec<_> = (0..PIPELINES).map(|number| format!("yes-{executions}-{number}")).collect();
    for name in &names {
        stock::create(&mut connection, asker, name, APPROVALS)?;
    }
    stock::bring(&mut connection, asker, PIPELINES)?;
    let mut requests = Vec::new();
    for name in &names {
        requests.extend(stock::answers(&mut connection, asker, name)?);
    }
    let (many, few) = requests.split_at(requests.len() / 2);
    let once = |requests| Load {
        is_once: true,
        time: Duration::from_mins(1),
        ..load(arguments, asker, requests, arguments.connections)
    };
    let rate = drive(&once(many))?;
    let alone = drive(&Load { connections: 1, ..once(few) })?;
    Ok(Row { operation: "PutApprovalResult", executions, rate, alone })
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn write_row(out: &mut impl Write, row: &Row) -> Result<()> {
    let Row { operation, executions, rate, alone } = row;
    writeln!(
        out,
        "{operation:<24}{executions:>11}{:>12.0}{:>11.3}{:>11.3}",
        rate.per_second(),
        millis(alone.percentile(50)),
        millis(alone.percentile(99)),
    )?;
    Ok(())
}

/// Says how much slower each operation became from the fewest executions to the most.
fn flatness(out: &mut impl Write, arguments: &Arguments, rows: &[Row]) -> Result<()> {
    let (Some(first), Some(last)) =
        (arguments.executions.iter().min(), arguments.executions.iter().max())
    else {
        return Ok(());
    };
    writeln!(out, "\np50 at {last} executions, in parts of the p50 at {first}:")?;
    for few in rows.iter().filter(|row| row.executions == *first) {
        let same = |row: &&Row| row.operation == few.operation && row.executions == *last;
        let Some(many) = rows.iter().find(same) else { continue };
        let ratio = millis(many.alone.percentile(50)) / millis(few.alone.percentile(50)).max(1e-6);
        writeln!(out, "  {:<24}{ratio:.2}", few.operation)?;
    }
    Ok(())
}

/// The same requests to both, for every operation that the reference has.
fn compare(
    out: &mut impl Write,
    arguments: &Arguments,
    ours: &Server,
    reference: &Server,
) -> Result<()> {
    writeln!(out, "\n{:<24}{:>12}{:>12}{:>9}", "answers/s", "towpath", "moto", "ratio")?;
    let prepared = prepare(reference)?;
    for (operation, request) in prepared {
        let of = |server: &Server| -> Result<f64> {
            let requests = [server.asker.request(operation, &request)?];
            let load = load(arguments, &server.asker, &requests, arguments.connections);
            Ok(drive(&load)?.per_second())
        };
        let (mine, theirs) = (of(ours)?, of(reference)?);
        writeln!(
            out,
            "{operation:<24}{mine:>12.0}{theirs:>12.0}{:>8.1}x",
            mine / theirs.max(1e-6)
        )?;
    }
    Ok(())
}

/// Gives the reference the same pipeline, and returns what is asked of both.
fn prepare(reference: &Server) -> Result<Vec<(&'static str, Value)>> {
    let mut connection = Connection::open(reference.asker.address)?;
    let mut declared = stock::declaration(MANY, 1);
    // It wants a role that exists in its own IAM; an unsigned look into it is not what is measured.
    declared["roleArn"] = role(&mut connection, &reference.asker)?;
    let request = reference.asker.request("CreatePipeline", &json!({"pipeline": declared}))?;
    connection.ask(&request).context("moto did not create the pipeline")?;
    Ok(vec![("GetPipeline", json!({"name": MANY})), ("ListPipelines", json!({"maxResults": 1}))])
}

/// Makes a role that CodePipeline may assume, over the reference's own IAM.
fn role(connection: &mut Connection, asker: &Asker) -> Result<Value> {
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "codepipeline.amazonaws.com"},
        }],
    });
    let encoded: String = document
        .to_string()
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let body = format!(
        "Action=CreateRole&Version=2010-05-08&RoleName=pipeline&AssumeRolePolicyDocument={encoded}"
    );
    let request = format!(
        "POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         authorization: AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/iam/aws4_request, \
         SignedHeaders=host, Signature=0\r\ncontent-length: {}\r\n\r\n{body}",
        asker.address,
        asker.access_key,
        body.len()
    );
    let (status, answer) = connection.send(request.as_bytes())?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let arn = answer.split("<Arn>").nth(1).and_then(|rest| rest.split("</Arn>").next());
    let arn = arn.with_context(|| format!("moto made no role: {status} {answer}"))?;
    Ok(Value::from(arn))
}
