//! Webhooks: one row by name, in the catalogue, and one by the id in the URL (W1).
//!
//! The row by name is the truth. The other one says only where to look, and may be left over from a
//! webhook that is gone: it is believed only while the row by name has the same id.

use std::fmt;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use model::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Range;
use crate::error::Error;
use crate::item::{Item, Reader, number, row, text};
use crate::keys::{ALONE, CATALOG, PK, SK};
use crate::store::Store;

/// What the sort keys of webhooks in the catalogue begin with.
const WEBHOOK: &str = "WEBHOOK#";

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Unique in the account and Region.
    pub name: String,
    /// What stands in its URL. Drawn when the webhook is created, and never again.
    pub id: String,
    /// Counts changes of the definition; 0 before it is written for the first time.
    pub edition: u64,
    /// What it is to do.
    pub definition: WebhookDefinition,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it started an execution last.
    pub triggered_at: Option<Timestamp>,
    /// Whether the host of the source has been told of the URL.
    pub is_registered: bool,
    /// Why the host could not be told: a code and a sentence.
    pub error: Option<(String, String)>,
}

/// What a webhook is to do.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDefinition {
    /// The pipeline that it starts.
    pub pipeline: String,
    /// The source action that it tells of a change.
    pub action: String,
    /// What a message must hold: a path, and what is there.
    pub filters: Vec<(String, Option<String>)>,
    /// How a message proves itself, in the API's words.
    pub authentication: String,
    /// The secret of `GITHUB_HMAC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_token: Option<String>,
    /// The addresses of `IP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_ip_range: Option<String>,
}

impl fmt::Debug for WebhookDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pipeline, action, filters, authentication, secret_token, allowed_ip_range } =
            self;
        f.debug_struct("WebhookDefinition")
            .field("pipeline", pipeline)
            .field("action", action)
            .field("filters", filters)
            .field("authentication", authentication)
            .field("secret_token", &secret_token.as_ref().map(|_| "****"))
            .field("allowed_ip_range", allowed_ip_range)
            .finish()
    }
}

/// A page of webhooks, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookPage {
    /// The webhooks.
    pub webhooks: Vec<Webhook>,
    /// Whether more follow.
    pub has_more: bool,
}

impl Store {
    /// Writes a webhook, unless somebody else did since it was read. Answers whether it did.
    pub async fn put_webhook(&self, webhook: &Webhook) -> Result<bool, Error> {
        let Webhook { name, id, edition, .. } = webhook;
        let is_new = *edition == 0;
        if is_new {
            // Written first, so that no webhook exists whose URL leads nowhere.
            let mut pointer = row(format!("HOOK#{id}"), ALONE);
            pointer.insert("name".to_owned(), text(name));
            self.put_row("write the URL", name, pointer).await?;
        }
        // In words: nobody changed it since it was read; or, for a new one, there is none.
        let condition =
            if is_new { "attribute_not_exists(PK)" } else { "id = :id AND edition = :edition" };
        let values = [(":id", text(id)), (":edition", number(edition))];
        let values = values.into_iter().filter(|_| !is_new);
        let item = render(webhook);
        let is_written =
            self.put_row_if("write the webhook", name, item, condition, values).await?;
        if is_new && !is_written {
            self.delete_row("forget the URL", name, format!("HOOK#{id}"), ALONE.to_owned()).await?;
        }
        Ok(is_written)
    }

    /// Returns a webhook by name.
    pub async fn webhook(&self, name: &str) -> Result<Option<Webhook>, Error> {
        let sort = format!("{WEBHOOK}{name}");
        let item = self.row_at("look up the webhook", CATALOG.to_owned(), sort).await?;
        item.as_ref().map(parse).transpose()
    }

    /// Returns the webhook whose URL has this id.
    pub async fn webhook_of_id(&self, id: &str) -> Result<Option<Webhook>, Error> {
        let partition = format!("HOOK#{id}");
        let pointer = self.row_at("look up the URL", partition, ALONE.to_owned()).await?;
        let Some(pointer) = pointer else { return Ok(None) };
        let name = Reader::new(&pointer)?.text("name")?;
        Ok(self.webhook(name).await?.filter(|webhook| webhook.id == id))
    }

    /// Deletes a webhook: its URL first, so that it starts nothing any more whatever happens next.
    pub async fn delete_webhook(&self, webhook: &Webhook) -> Result<(), Error> {
        let Webhook { name, id, .. } = webhook;
        let doing = "delete the webhook";
        self.delete_row(doing, name, format!("HOOK#{id}"), ALONE.to_owned()).await?;
        self.delete_row(doing, name, CATALOG.to_owned(), format!("{WEBHOOK}{name}")).await
    }

    /// Returns all webhooks, by name.
    pub async fn list_webhooks(&self) -> Result<Vec<Webhook>, Error> {
        let items = self.all("list webhooks", CATALOG.to_owned(), WEBHOOK).await?;
        items.iter().map(parse).collect()
    }

    /// Returns up to `limit` webhooks by name, after the one that the page before ended with.
    pub async fn webhook_page(
        &self,
        limit: u32,
        after: Option<&str>,
    ) -> Result<WebhookPage, Error> {
        let range = Range {
            partition: CATALOG.to_owned(),
            prefix: WEBHOOK,
            after: after.map(|after| format!("{WEBHOOK}{after}")),
            is_ascending: true,
            // One more tells whether more follow.
            limit: Some(limit.saturating_add(1)),
        };
        let page = self.page("list webhooks", range).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = page.items.len() > limit || page.last.is_some();
        let items = page.items.iter().take(limit);
        Ok(WebhookPage { webhooks: items.map(parse).collect::<Result<_, _>>()?, has_more })
    }

    /// Notes that a webhook started an execution. One that is gone stays gone.
    pub async fn note_triggered(&self, webhook: &Webhook, now: Timestamp) -> Result<(), Error> {
        self.note(webhook, "SET triggered = :at", &[(":at", number(now.millis()))]).await
    }

    /// Notes whether the host of the source knows the URL, or why it could not be told.
    pub async fn note_registration(
        &self,
        webhook: &Webhook,
        is_registered: bool,
        error: Option<&(String, String)>,
    ) -> Result<(), Error> {
        let registered = (":registered", number(u8::from(is_registered)));
        match error {
            None => {
                let update = "SET registered = :registered REMOVE failure, reason";
                self.note(webhook, update, &[registered]).await
            }
            Some((code, sentence)) => {
                let update = "SET registered = :registered, failure = :code, reason = :reason";
                let values = [registered, (":code", text(code)), (":reason", text(sentence))];
                self.note(webhook, update, &values).await
            }
        }
    }

    async fn note(
        &self,
        webhook: &Webhook,
        update: &str,
        values: &[(&str, aws_sdk_dynamodb::types::AttributeValue)],
    ) -> Result<(), Error> {
        let Webhook { name, id, .. } = webhook;
        let mut request = self
            .client()
            .update_item()
            .table_name(self.table())
            .key(PK, text(CATALOG))
            .key(SK, text(format!("{WEBHOOK}{name}")))
            // In words: it is still the same webhook. A late note must not bring back one that is gone.
            .condition_expression("id = :id")
            .update_expression(update)
            .expression_attribute_values(":id", text(id));
        for (key, value) in values {
            request = request.expression_attribute_values(*key, value.clone());
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(Error::request("note what became of the webhook", name, error)),
        }
    }
}

fn render(webhook: &Webhook) -> Item {
    let Webhook { name, id, edition, definition, created_at, triggered_at, is_registered, error } =
        webhook;
    let definition = serde_json::to_string(definition).expect("texts are always JSON");
    let mut item = row(CATALOG, format!("{WEBHOOK}{name}"));
    item.insert("id".to_owned(), text(id));
    item.insert("edition".to_owned(), number(edition + 1));
    item.insert("definition".to_owned(), text(definition));
    item.insert("at".to_owned(), number(created_at.millis()));
    if let Some(triggered_at) = triggered_at {
        item.insert("triggered".to_owned(), number(triggered_at.millis()));
    }
    item.insert("registered".to_owned(), number(u8::from(*is_registered)));
    if let Some((code, sentence)) = error {
        item.insert("failure".to_owned(), text(code));
        item.insert("reason".to_owned(), text(sentence));
    }
    item
}

fn parse(item: &Item) -> Result<Webhook, Error> {
    let reader = Reader::new(item)?;
    let name = reader.text(SK)?.strip_prefix(WEBHOOK);
    let name = name.ok_or_else(|| reader.unreadable("its sort key does not name a webhook"))?;
    let definition = serde_json::from_str(reader.text("definition")?)
        .map_err(|error| reader.unreadable(format!("`definition`: {error}")))?;
    let error = match reader.text_if_any("failure")? {
        None => None,
        Some(code) => Some((code.to_owned(), reader.text("reason")?.to_owned())),
    };
    Ok(Webhook {
        name: name.to_owned(),
        id: reader.text("id")?.to_owned(),
        edition: reader.number("edition")?,
        definition,
        created_at: Timestamp::from_millis(reader.number("at")?),
        triggered_at: reader.number_if_any("triggered")?.map(Timestamp::from_millis),
        is_registered: reader.number::<u8>("registered")? != 0,
        error,
    })
}
