//! Which operation a request asks for, and on which wire (contract T1, wire.md §2 and §4).

use http::{HeaderMap, HeaderName, HeaderValue};
use protocol::{Fault, Operation, Wire, recognize};

const JSON: &str = "application/x-amz-json-1.1";
const CBOR: &str = "application/cbor";
const TARGET: &str = "CodePipeline_20150709.ListPipelines";
const PATH: &str = "/service/CodePipeline_20150709/operation/ListPipelines";

fn headers(given: &[(&str, &str)]) -> HeaderMap {
    given
        .iter()
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            (name, HeaderValue::from_bytes(value.as_bytes()).expect("a value"))
        })
        .fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        })
}

fn json_with(method: &str, path: &str, given: &[(&str, &str)]) -> Result<Operation, Fault> {
    let headers = headers(given);
    match recognize(method, path, &headers) {
        Ok((wire, operation)) => {
            assert_eq!(wire, Wire::Json);
            Ok(operation)
        }
        Err((wire, fault)) => {
            assert_eq!(wire, Wire::Json, "{fault}");
            Err(fault)
        }
    }
}

fn cbor_with(method: &str, path: &str, given: &[(&str, &str)]) -> Result<Operation, Fault> {
    let headers = headers(given);
    match recognize(method, path, &headers) {
        Ok((wire, operation)) => {
            assert_eq!(wire, Wire::Cbor);
            Ok(operation)
        }
        Err((wire, fault)) => {
            assert_eq!(wire, Wire::Cbor, "{fault}");
            Err(fault)
        }
    }
}

fn code(result: Result<Operation, Fault>) -> String {
    let fault = result.expect_err("it is wrong");
    assert!(!fault.message.is_empty(), "{fault}");
    fault.code.into_owned()
}

#[test]
fn every_operation_is_recognized_on_both_wires() {
    for operation in Operation::ALL {
        let target = format!("CodePipeline_20150709.{operation}");
        let given = [("x-amz-target", target.as_str()), ("content-type", JSON)];
        assert_eq!(json_with("POST", "/", &given), Ok(*operation));
        for service in ["CodePipeline_20150709", "com.amazonaws.codepipeline.CodePipeline_20150709"]
        {
            for prefix in ["", "/api", "/a/b/c", "/service/x/operation"] {
                let path = format!("{prefix}/service/{service}/operation/{operation}");
                let given = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", CBOR)];
                assert_eq!(cbor_with("POST", &path, &given), Ok(*operation), "{path}");
            }
        }
    }
}

#[test]
fn json_may_say_its_charset_and_nothing_else() {
    for right in [
        JSON,
        "Application/X-Amz-Json-1.1",
        "application/x-amz-json-1.1; charset=utf-8",
        "application/x-amz-json-1.1;charset=UTF-8",
        "application/x-amz-json-1.1 ; charset=\"utf-8\"",
    ] {
        let given = [("x-amz-target", TARGET), ("content-type", right)];
        assert_eq!(json_with("POST", "/", &given), Ok(Operation::ListPipelines), "{right}");
    }
}

#[test]
fn a_form_of_a_browser_never_passes() {
    for wrong in [
        "text/plain",
        "text/plain; x=application/x-amz-json-1.1",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/x-amz-json-1.1",
        "application/json",
        "application/x-amz-json-1.0",
        "application/x-amz-json-1.1x",
        "application/x-amz-json-1.1, text/plain",
        "application/x-amz-json-1.1; charset=utf-16",
        "application/x-amz-json-1.1; charset=utf-8; charset=utf-7",
        "",
    ] {
        let given = [("x-amz-target", TARGET), ("content-type", wrong)];
        let fault = json_with("POST", "/", &given).expect_err(wrong);
        assert_eq!((fault.code.as_ref(), fault.status()), ("UnsupportedMediaTypeException", 415));
    }
    let without = json_with("POST", "/", &[("x-amz-target", TARGET)]);
    assert_eq!(code(without), "UnsupportedMediaTypeException");
    for wrong in ["text/plain", "application/cbor; charset=utf-8", "application/cbor-seq", ""] {
        let given = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", wrong)];
        assert_eq!(code(cbor_with("POST", PATH, &given)), "UnsupportedMediaTypeException");
    }
}

#[test]
fn another_method_path_or_target_is_no_operation() {
    let given = [("x-amz-target", TARGET), ("content-type", JSON)];
    for method in ["GET", "PUT", "HEAD", "OPTIONS", "post", "", "POST "] {
        assert_eq!(code(json_with(method, "/", &given)), "UnknownOperationException", "{method}");
    }
    for path in ["", "//", "/?x", "/index.html", "/service", "/%2f", "/service/x/operation/"] {
        if !path.ends_with("operation/") {
            assert_eq!(code(json_with("POST", path, &given)), "UnknownOperationException");
        }
    }
    for target in [
        "",
        ".",
        "ListPipelines",
        "CodePipeline_20150709",
        "CodePipeline_20150709.",
        "CodePipeline_20150709.listPipelines",
        "CodePipeline_20150709.ListPipelines ",
        "CodePipeline_20150709.ListPipelines.x",
        "CodePipeline_20150710.ListPipelines",
        "codepipeline_20150709.ListPipelines",
        "DynamoDB_20120810.ListTables",
    ] {
        let given = [("x-amz-target", target), ("content-type", JSON)];
        assert_eq!(code(json_with("POST", "/", &given)), "UnknownOperationException", "{target}");
    }
    let without = json_with("POST", "/", &[("content-type", JSON)]);
    assert_eq!(code(without), "UnknownOperationException");
}

#[test]
fn a_long_name_is_not_repeated_at_length() {
    let target = format!("CodePipeline_20150709.{}", "x".repeat(5000));
    let given = [("x-amz-target", target.as_str()), ("content-type", JSON)];
    let fault = json_with("POST", "/", &given).expect_err("there is none of this name");
    assert!(fault.message.len() < 200, "{fault}");
}

#[test]
fn a_cbor_request_that_is_wrong_is_answered_in_cbor() {
    let right = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", CBOR)];
    for method in ["GET", "DELETE", ""] {
        assert_eq!(code(cbor_with(method, PATH, &right)), "UnknownOperationException");
    }
    for path in [
        "/",
        "",
        "/service/CodePipeline_20150709/operation/",
        "/service/CodePipeline_20150709/operation/NoSuch",
        "/service/CodePipeline_20150709/operation/ListPipelines/",
        "/service/CodePipeline_20150709/operation/ListPipelines?x=y",
        "/service/CodePipeline_20150709/operations/ListPipelines",
        "/service/CodePipeline_20150709/Operation/ListPipelines",
        "/service/Other/operation/ListPipelines",
        "/service/com.example.CodePipeline_20150709/operation/ListPipelines",
        "service/CodePipeline_20150709/operation/ListPipelines",
        "/service/CodePipeline_20150709/operation/List%50ipelines",
    ] {
        assert_eq!(code(cbor_with("POST", path, &right)), "UnknownOperationException", "{path}");
    }
    for protocol in ["rpc-v2-json", "rpc-v2-cbor, rpc-v2-json", "RPC-V2-CBOR", ""] {
        let given = [("smithy-protocol", protocol), ("content-type", CBOR)];
        assert_eq!(code(cbor_with("POST", PATH, &given)), "UnknownOperationException");
    }
    // Without its header, a CBOR client is known by its path or its content type.
    assert_eq!(code(cbor_with("POST", PATH, &[])), "UnknownOperationException");
    let given = [("content-type", CBOR), ("x-amz-target", TARGET)];
    assert_eq!(code(cbor_with("POST", "/", &given)), "UnknownOperationException");
}

#[test]
fn a_cbor_request_with_a_target_is_refused() {
    for target in ["x-amz-target", "X-Amzn-Target"] {
        let given = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", CBOR), (target, TARGET)];
        assert_eq!(code(cbor_with("POST", PATH, &given)), "SerializationException");
    }
}

#[test]
fn what_decides_must_not_stand_twice() {
    for twice in
        [("x-amz-target", TARGET), ("content-type", JSON), ("content-encoding", "identity")]
    {
        let mut given = vec![("x-amz-target", TARGET), ("content-type", JSON), twice];
        if twice.0 == "content-encoding" {
            given.push(twice);
        }
        assert_eq!(code(json_with("POST", "/", &given)), "SerializationException", "{twice:?}");
    }
    for twice in [("smithy-protocol", "rpc-v2-cbor"), ("content-type", CBOR)] {
        let given = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", CBOR), twice];
        assert_eq!(code(cbor_with("POST", PATH, &given)), "SerializationException");
    }
}

#[test]
fn packed_bodies_and_headers_that_are_no_text_are_refused() {
    for (encoding, is_taken) in [("identity", true), ("", true), ("gzip", false), ("br", false)] {
        let given =
            [("x-amz-target", TARGET), ("content-type", JSON), ("content-encoding", encoding)];
        match json_with("POST", "/", &given) {
            Ok(_) => assert!(is_taken, "{encoding}"),
            Err(fault) => {
                assert!(!is_taken, "{encoding}");
                assert_eq!(fault.code, "UnsupportedMediaTypeException");
            }
        }
    }
    let given = [("x-amz-target", "CodePipeline_20150709.\u{e9}"), ("content-type", JSON)];
    assert_eq!(code(json_with("POST", "/", &given)), "SerializationException");
}
