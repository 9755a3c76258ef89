//! The bodies of answers.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::channel::Channel;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

/// What an answer carries.
pub(crate) type Body = BoxBody<Bytes, io::Error>;

/// How much of a file is read at a time.
const PIECE_BYTES: usize = 128 * 1024;

/// How many pieces are read ahead of a client.
const PIECES_AHEAD: usize = 2;

/// Makes a body of bytes that are all there.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

/// Makes a body of the next `length` bytes of a file, read as fast as the client takes them. A client
/// that takes nothing for `stall` has its answer broken off.
pub(crate) fn file(mut file: File, length: u64, stall: Duration) -> Body {
    let (mut sender, channel) = Channel::<Bytes, io::Error>::new(PIECES_AHEAD);
    tokio::spawn(async move {
        let mut left = length;
        while left > 0 {
            let mut piece = BytesMut::with_capacity(PIECE_BYTES);
            let mut rest = (&mut file).take(left);
            let read = match rest.read_buf(&mut piece).await {
                Ok(0) => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
                read => read,
            };
            match read {
                Ok(count) => left = left.saturating_sub(count as u64),
                Err(error) => return sender.abort(error),
            }
            let sent = tokio::time::timeout(stall, sender.send_data(piece.freeze())).await;
            if !matches!(sent, Ok(Ok(()))) {
                return;
            }
        }
    });
    channel.boxed()
}
