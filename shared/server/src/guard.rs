//! Stands between the socket and hyper.
//!
//! Hyper reads generously, as servers must that talk to everybody. Where two readers disagree about
//! where a request ends, the rest of it becomes a request of somebody's choosing; so the guard holds a
//! request's head back until it is whole, and what it lets through can be read in one way only (`head`).
//! In the place of any other head it hands hyper one that says why, and nothing after it: the refusal is
//! then answered in its turn, like any request, and the connection ends.
//!
//! It also knows what a connection waits for, and ends it when that takes too long.

mod head;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use self::head::{Length, Scan};
use crate::Limits;

pub(crate) use self::head::{REFUSED, Refused};

/// How much is read from the socket at a time while a head is awaited.
const READ_BYTES: usize = 8 * 1024;

/// How much of a body is read from the socket at a time.
const PIECE_BYTES_MAX: usize = 64 * 1024;

/// How much a client may still send after its connection was ended, so that it reads the last answer
/// before it learns that nobody listens.
const LINGER_BYTES_MAX: usize = 2 * 1024 * 1024;

/// How long it may do so.
const LINGER: Duration = Duration::from_secs(2);

/// A connection whose requests have one end each.
pub(crate) struct Guarded<S> {
    stream: S,
    limits: Limits,
    reading: Reading,
    /// What came and was not judged yet.
    held: BytesMut,
    /// What may be read by hyper.
    free: BytesMut,
    scan: Scan,
    waiting: Waiting,
    until: Pin<Box<Sleep>>,
    /// Until when the client must take more of an answer; none while it takes what there is.
    stalled: Option<Pin<Box<Sleep>>>,
    lingered: usize,
}

/// Where in a request the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Head,
    Body(u64),
    /// The end is for hyper to find, and the connection's last request ends there.
    Rest,
    Over,
}

/// What the clock runs for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    Nothing,
    Idle,
    Head,
    Linger,
}

impl<S> Guarded<S> {
    pub(crate) fn new(stream: S, limits: Limits) -> Self {
        let until = Box::pin(sleep_until(Instant::now()));
        Self {
            stream,
            limits,
            reading: Reading::Head,
            held: BytesMut::new(),
            free: BytesMut::new(),
            scan: Scan::default(),
            waiting: Waiting::Nothing,
            until,
            stalled: None,
            lingered: 0,
        }
    }

    /// Has the clock run for something, unless it does already.
    fn wait_for(&mut self, waiting: Waiting, duration: Duration) {
        if self.waiting != waiting {
            self.waiting = waiting;
            self.until.as_mut().reset(Instant::now() + duration);
        }
    }

    /// Silence is counted from the end of the last answer.
    fn count_silence_anew(&mut self) {
        if self.waiting == Waiting::Idle {
            self.waiting = Waiting::Nothing;
        }
    }

    /// Judges what is held, and lets go of a head that is whole.
    fn judge(&mut self) {
        let Some(judged) = self.scan.look(&self.held, &self.limits) else { return };
        match judged {
            Ok((end, length)) => {
                self.free.unsplit(self.held.split_to(end));
                self.reading = match length {
                    Length::Known(bytes) => Reading::Body(bytes),
                    Length::Chunked => Reading::Rest,
                };
            }
            Err(refused) => {
                let instead = refused.instead_of(&self.held);
                self.held.clear();
                self.free.extend_from_slice(instead.as_bytes());
                self.reading = Reading::Over;
            }
        }
        self.scan = Scan::default();
        self.waiting = Waiting::Nothing;
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Guarded<S> {
    /// Reads more of a head. Nothing more comes when the connection ends or takes too long.
    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut space = [0; READ_BYTES];
        let mut buffer = ReadBuf::new(&mut space);
        match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => self.reading = Reading::Over,
            Poll::Ready(Ok(())) => self.held.extend_from_slice(buffer.filled()),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => {
                if self.held.is_empty() {
                    self.wait_for(Waiting::Idle, self.limits.idle);
                } else {
                    self.wait_for(Waiting::Head, self.limits.head);
                }
                ready!(self.until.as_mut().poll(context));
                self.reading = Reading::Over;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Reads of a body at most `left` bytes, straight to where hyper wants them.
    fn poll_body(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
        left: usize,
    ) -> Poll<io::Result<usize>> {
        if !self.held.is_empty() {
            let count = self.held.len().min(left).min(buffer.remaining());
            buffer.put_slice(&self.held[..count]);
            self.held.advance(count);
            return Poll::Ready(Ok(count));
        }
        let space = left.min(buffer.remaining()).min(PIECE_BYTES_MAX);
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(space));
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut part))?;
        let count = part.filled().len();
        buffer.advance(count);
        Poll::Ready(Ok(count))
    }

    /// Notes whether the client takes what it is sent.
    fn note_written<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let until = Instant::now() + self.limits.stall;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep_until(until)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if !this.free.is_empty() {
                let count = this.free.len().min(buffer.remaining());
                buffer.put_slice(&this.free[..count]);
                this.free.advance(count);
                return Poll::Ready(Ok(()));
            }
            match this.reading {
                Reading::Head => {
                    this.judge();
                    if this.reading == Reading::Head {
                        ready!(this.poll_more(context))?;
                    }
                }
                Reading::Body(0) => this.reading = Reading::Head,
                Reading::Body(left) => {
                    let bytes = usize::try_from(left).unwrap_or(usize::MAX);
                    let count = ready!(this.poll_body(context, buffer, bytes))?;
                    this.reading = match count {
                        0 => Reading::Over,
                        count => Reading::Body(left - count as u64),
                    };
                    return Poll::Ready(Ok(()));
                }
                Reading::Rest => {
                    ready!(this.poll_body(context, buffer, usize::MAX))?;
                    return Poll::Ready(Ok(()));
                }
                Reading::Over => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.count_silence_anew();
        this.note_written(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.count_silence_anew();
        this.note_written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        this.note_written(context, flushed)
    }

    /// Ends the connection. What the client still sends is read for a while: closing a socket with
    /// unread bytes resets it, and a reset takes the last answer away from the client.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        this.wait_for(Waiting::Linger, LINGER);
        let mut space = [0; READ_BYTES];
        while this.lingered < LINGER_BYTES_MAX {
            let mut buffer = ReadBuf::new(&mut space);
            match Pin::new(&mut this.stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    this.lingered += buffer.filled().len();
                }
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => {
                    ready!(this.until.as_mut().poll(context));
                    return Poll::Ready(Ok(()));
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}
