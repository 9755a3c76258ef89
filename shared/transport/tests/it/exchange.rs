//! Requests that arrive.

use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use transport::over_http;

use crate::server::{GOOD, NAME, Server, ask};

#[tokio::test]
async fn a_request_is_carried_over_tls_in_http_1_though_the_server_would_speak_http_2() {
    let server = Server::secret(GOOD).await;
    let connector = server.connector(true);
    let url = format!("https://{NAME}:{}/a?b=c", server.at.port());
    let answer = ask(&connector, &url).await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.headers().get("x-told"), Some("yes"));
    let body = ByteStream::new(answer.into_body()).collect().await.unwrap();
    assert_eq!(&*body.into_bytes(), b"good");
    let heard = server.heard();
    assert!(heard[0].starts_with("GET /a?b=c HTTP/1.1\r\n"), "{heard:?}");
    assert!(heard[0].contains(&format!("host: {NAME}:{}\r\n", server.at.port())), "{heard:?}");
}

#[tokio::test]
async fn a_connection_is_kept_until_it_is_spoiled() {
    let server = Server::plain(GOOD).await;
    let (connector, url) = (over_http(), format!("http://{}/", server.at));
    let captured = CaptureSmithyConnection::new();
    for _ in 0..3 {
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(&*url).unwrap();
        request.add_extension(captured.clone());
        let answer = connector.call(request).await.unwrap();
        // What is not read to its end is not used again.
        ByteStream::new(answer.into_body()).collect().await.unwrap();
    }
    assert_eq!((server.heard().len(), server.connections()), (3, 1));
    let connection = captured.get().expect("the connection that the request went over");
    assert_eq!(connection.remote_addr(), Some(server.at));
    connection.poison();
    ask(&connector, &url).await.unwrap();
    assert_eq!((server.heard().len(), server.connections()), (4, 2));
}
