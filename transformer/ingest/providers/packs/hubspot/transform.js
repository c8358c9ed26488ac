// HubSpot: a changed property of a contact becomes an attribute. A start: contacts are known by their id there.

const changes = payload.filter((news) => news.subscriptionType === "contact.propertyChange");
if (changes.length === 0) return; // Some other news from HubSpot: nothing to do.

return {
  attributes: changes.map((news) => ({
    user_alias: { alias_name: String(news.objectId), alias_label: "hubspot" },
    _update_existing_only: false, // so that a new contact makes a new profile
    [`hubspot_${news.propertyName}`]: news.propertyValue,
  })),
};
